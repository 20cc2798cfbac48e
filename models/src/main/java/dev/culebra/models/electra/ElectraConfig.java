package dev.culebra.models.electra;

import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import tools.jackson.databind.node.ObjectNode;

/** ELECTRA's shapes as the {@code config.json} of Hugging Face's ElectraForPreTraining. */
public final class ElectraConfig {

  private ElectraConfig() {}

  static ObjectNode discriminator(ElectraShape shape, Model.TokenIds ids) {
    return write(shape.discriminator(), shape, "ElectraForPreTraining", ids);
  }

  static ObjectNode generator(ElectraShape shape, Model.TokenIds ids) {
    return write(shape.generator(), shape, "ElectraForMaskedLM", ids);
  }

  private static ObjectNode write(
      EncoderShape shape, ElectraShape both, String architecture, Model.TokenIds ids) {
    ObjectNode config = EncoderConfig.write(shape, ids);
    config.putArray("architectures").add(architecture);
    config.put("model_type", "electra");
    config.put("embedding_size", both.embedding());
    return config;
  }

  /** The shapes of two configurations that {@link #write} wrote. */
  public static ElectraShape read(ConfigFile discriminator, ConfigFile generator) {
    EncoderShape large = EncoderConfig.read(discriminator);
    EncoderShape small = EncoderConfig.read(generator).with(EncoderShape.Head.TOKENS);
    int embedding = discriminator.count("embedding_size", 128);
    if (large.vocabulary() != small.vocabulary()
        || large.context() != small.context()
        || generator.count("embedding_size", 128) != embedding) {
      throw new BadInputException(
          Format.text(
              "%s and %s do not share their embeddings: only an ELECTRA whose generator reads the"
                  + " discriminator's is supported",
              discriminator.file(), generator.file()));
    }
    return new ElectraShape(small, large.with(EncoderShape.Head.NONE), embedding);
  }
}
