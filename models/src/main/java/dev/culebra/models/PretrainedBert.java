package dev.culebra.models;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.dual.VitBertConfig;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.function.UnaryOperator;

/**
 * The BERT in a trained model: the whole of it, or one of its towers.
 *
 * @param shape without heads
 * @param embedding width of its embeddings: its own, unless an ELECTRA projects narrower ones
 * @param queries how the names of what reads queries begin in the model's file
 * @param keys how the names of what reads keys begin; equal where one reads both
 */
record PretrainedBert(EncoderShape shape, int embedding, String queries, String keys) {

  /** Finds it by a configuration; the names of a bare BERT have no beginning. */
  static PretrainedBert in(ConfigFile config) {
    return switch (config.modelType()) {
      case "bert" -> {
        boolean two = TextEncoders.wrote(config) && !TextEncoders.shared(config);
        yield two
            ? two(shape(config))
            : one(config, TextEncoders.wrote(config) ? ofTexts(config) : "bert.");
      }
      case "electra" -> {
        EncoderShape shape = shape(config);
        int embedding = config.count("embedding_size", 128);
        yield new PretrainedBert(shape, embedding, "electra.", "electra.");
      }
      case VitBertConfig.TYPE -> one(config.part("text_config"), "text_model.");
      default -> throw ModelFolder.unsupported(config);
    };
  }

  private static String ofTexts(ConfigFile config) {
    return Encoder.prefix(EncoderConfig.read(config));
  }

  private static PretrainedBert one(ConfigFile config, String prefix) {
    EncoderShape shape = shape(config);
    return new PretrainedBert(shape, shape.width(), prefix, prefix);
  }

  private static PretrainedBert two(EncoderShape shape) {
    return new PretrainedBert(shape, shape.width(), TextEncoders.QUERIES, TextEncoders.KEYS);
  }

  private static EncoderShape shape(ConfigFile config) {
    return EncoderConfig.read(config).with(Head.NONE);
  }

  /** Whether one encoder reads queries and keys. */
  boolean shared() {
    return queries.equals(keys);
  }

  /**
   * Where to find the tensors of a model that reads texts by one BERT.
   *
   * @param prefix how their names begin in that model
   * @throws BadInputException if there are two
   */
  UnaryOperator<String> named(String prefix, ConfigFile config) {
    requireOne(config);
    return name -> moved(name, prefix, queries);
  }

  /**
   * Refuses embeddings of another width than the encoder's, which a BERT does not have.
   *
   * @throws BadInputException if they have one
   */
  void requireWide(ConfigFile config) {
    if (embedding != shape.width()) {
      throw new BadInputException(
          Format.text(
              "%s: embedding_size %d is not hidden_size %d, and only electra has embeddings of"
                  + " another width: leave out model.family, or start from another model",
              config.file(), embedding, shape.width()));
    }
  }

  /**
   * Refuses two encoders.
   *
   * @throws BadInputException if there are two
   */
  void requireOne(ConfigFile config) {
    if (!shared()) {
      throw new BadInputException(
          Format.text(
              "%s describes two encoders, which cannot become one: start from a model with one, or"
                  + " learn contrastive or siglip",
              config.file()));
    }
  }

  /**
   * Where to find the tensors of one encoder for both sides, or of two.
   *
   * @param shape of the new encoders
   */
  UnaryOperator<String> namedInTowers(boolean oneForBoth, EncoderShape shape) {
    if (!oneForBoth) {
      return name -> moved(moved(name, TextEncoders.QUERIES, queries), TextEncoders.KEYS, keys);
    }
    String prefix = Encoder.prefix(shape);
    return name -> DualEncoder.Logits.names(name) ? name : moved(name, prefix, queries);
  }

  private static String moved(String name, String from, String to) {
    return name.startsWith(from) ? to + name.substring(from.length()) : name;
  }
}
