package dev.culebra.objectives.architecture;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.tensor.WeightFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A model as the Python world expects it: {@code config.json}, {@code model.safetensors} and {@code
 * tokenizer.json} in one folder.
 */
public final class ModelFolder {

  /** The model's shape. */
  public static final String CONFIG = "config.json";

  /** The weights. */
  public static final String WEIGHTS = "model.safetensors";

  /** The tokenizer. */
  public static final String TOKENIZER = "tokenizer.json";

  private ModelFolder() {}

  /**
   * Writes the model, file by file, each replaced as a whole.
   *
   * @param tokenizer a {@code tokenizer.json} to copy, or null to write none
   */
  public static void save(
      Path folder, Device device, Decoder decoder, int endOfText, Path tokenizer)
      throws IOException {
    Files.createDirectories(folder);
    if (tokenizer != null) {
      DurableFiles.replace(
          folder.resolve(TOKENIZER),
          out -> out.write(ByteBuffer.wrap(Files.readAllBytes(tokenizer))));
    }
    DurableFiles.replace(folder.resolve(WEIGHTS), WeightFile.of(device, decoder.parameters()));
    DurableFiles.replace(
        folder.resolve(CONFIG), Json.content(DecoderConfig.write(decoder.shape(), endOfText)));
  }

  /** The shape of the model in {@code folder}. */
  public static DecoderShape shape(Path folder) {
    return DecoderConfig.read(existing(folder, CONFIG));
  }

  /** Reads the model in {@code folder} onto {@code device}; the caller closes it. */
  public static Decoder load(Path folder, Device device) {
    DecoderShape shape = shape(folder);
    try (Safetensors file = Safetensors.open(existing(folder, WEIGHTS))) {
      Decoder decoder = new Decoder(device, shape);
      try {
        load(device, decoder, file);
      } catch (RuntimeException e) {
        decoder.close();
        throw e;
      }
      return decoder;
    }
  }

  /** Sets a decoder's weights from a file under its family's names. */
  public static void load(Device device, Decoder decoder, Safetensors file) {
    boolean gpt2 = decoder.shape().family() == Family.GPT2;
    WeightFile.load(
        device,
        decoder.parameters(),
        file,
        gpt2 ? "transformer." : "",
        // Masks of old GPT-2 files, and output matrices that repeat the embedding.
        name ->
            (gpt2 && (name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias")))
                || (decoder.shape().tied() && name.equals("lm_head.weight")));
  }

  /** The tokenizer's file in {@code folder}. */
  public static Path tokenizer(Path folder) {
    return existing(folder, TOKENIZER);
  }

  private static Path existing(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          folder
              + " is not a model folder: it has no "
              + name
              + "; give the folder of a run, or one"
              + " with "
              + CONFIG
              + ", "
              + WEIGHTS
              + " and "
              + TOKENIZER);
    }
    return file;
  }
}
