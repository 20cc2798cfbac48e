package dev.culebra.models;

import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.decoder.DecoderConfig;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.dual.DecoderTexts;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.dual.TextReading;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.runtime.device.Device;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** The models of folders of Sentence Transformers. */
final class SentenceModels {

  private SentenceModels() {}

  /**
   * Reads one onto a device; the caller closes it.
   *
   * @param unit whether embeddings get unit length, whatever the folder says
   * @throws dev.culebra.runtime.BadInputException if it is not supported
   */
  static DualEncoder load(Path folder, Device device, boolean unit) {
    ConfigFile config = ModelFolder.config(folder);
    return switch (config.modelType()) {
      case "bert" -> bert(folder, device, config, unit);
      case "gpt2", "llama" -> decoder(folder, device, config, unit);
      default -> throw ModelFolder.unsupported(config);
    };
  }

  private static TextEncoders bert(Path folder, Device device, ConfigFile config, boolean unit) {
    EncoderShape shape = EncoderConfig.read(config);
    TextReading reading = reading(folder, shape.context(), shape.width(), unit);
    if (TextEncoders.wrote(config)) {
      return ModelFolder.filled(folder, device, TextEncoders.read(device, config, reading));
    }
    TextEncoders model =
        new TextEncoders(device, shape.with(Head.NONE), true, DualEncoder.Start.USUAL, reading);
    // No file of such a folder says how logits are made.
    device.upload(
        model.logits().scale().master(),
        MemorySegment.ofArray(new float[] {DualEncoder.Start.USUAL.scale()}));
    return ModelFolder.filled(folder, device, model, DualEncoder.Logits::names);
  }

  private static DecoderTexts decoder(Path folder, Device device, ConfigFile config, boolean unit) {
    DecoderShape shape = DecoderConfig.read(config);
    TextReading reading = reading(folder, shape.context(), shape.width(), unit);
    DecoderTexts model = new DecoderTexts(device, shape, reading);
    return ModelFolder.filled(folder, device, model, model::mayLack);
  }

  private static TextReading reading(Path folder, int context, int width, boolean unit) {
    TextReading said = SentenceFolder.read(folder, context, width).reading();
    return unit ? said.ofUnitLength() : said;
  }
}
