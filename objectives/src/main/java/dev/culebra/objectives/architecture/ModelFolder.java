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
import java.util.List;
import java.util.stream.Stream;

/**
 * A model as the Python world expects it: {@code config.json}, {@code model.safetensors} and {@code
 * tokenizer.json} in one folder.
 */
public final class ModelFolder {

  /** The model's shape. */
  public static final String CONFIG = "config.json";

  /** The weights, as most families call them. */
  public static final String WEIGHTS = "model.safetensors";

  /** The tokenizer. */
  public static final String TOKENIZER = "tokenizer.json";

  /** Where ELECTRA's generator lies beside its discriminator. */
  static final String GENERATOR = "generator";

  private ModelFolder() {}

  /** Writes ELECTRA's generator into its folder within {@code folder}, beside the rest. */
  private static void saveGenerator(
      Path folder, Device device, Electra model, Model.TokenIds ids, Path tokenizer)
      throws IOException {
    Path place = folder.resolve(GENERATOR);
    Files.createDirectories(place);
    copy(tokenizer, place);
    DurableFiles.replace(
        place.resolve(WEIGHTS), WeightFile.of(device, model.parameters(), Electra::ofGenerator));
    DurableFiles.replace(place.resolve(CONFIG), Json.content(model.generatorConfig(ids)));
  }

  private static Electra loadElectra(Path folder, Device device) {
    Path generator = folder.resolve(GENERATOR);
    Electra model = new Electra(device, ElectraConfig.read(config(folder), config(generator)));
    try (Safetensors large = Safetensors.open(existing(folder, WEIGHTS));
        Safetensors small = Safetensors.open(existing(generator, WEIGHTS))) {
      WeightFile.load(device, model.parameters(), small, Electra::ofGenerator);
      WeightFile.load(device, model.parameters(), large, Electra::ofDiscriminator);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static List<String> names(Model model, String tensor) {
    return Stream.concat(Stream.of(tensor), model.copies(tensor).stream()).toList();
  }

  private static void copy(Path tokenizer, Path folder) throws IOException {
    if (tokenizer != null) {
      DurableFiles.replace(
          folder.resolve(TOKENIZER),
          out -> out.write(ByteBuffer.wrap(Files.readAllBytes(tokenizer))));
    }
  }

  /**
   * Writes the model, file by file, each replaced as a whole.
   *
   * @param tokenizer a {@code tokenizer.json} to copy, or null to write none
   */
  public static void save(
      Path folder, Device device, Model model, Model.TokenIds ids, Path tokenizer)
      throws IOException {
    Files.createDirectories(folder);
    copy(tokenizer, folder);
    if (model instanceof Electra electra) {
      saveGenerator(folder, device, electra, ids, tokenizer);
      DurableFiles.replace(
          folder.resolve(WEIGHTS),
          WeightFile.of(device, model.parameters(), Electra::ofDiscriminator));
    } else {
      DurableFiles.replace(
          folder.resolve(model.weightFile()),
          WeightFile.of(device, model.parameters(), name -> names(model, name)));
    }
    DurableFiles.replace(folder.resolve(CONFIG), Json.content(model.config(ids)));
  }

  /**
   * The family of the model in {@code folder}, as its configuration names it; {@code dual-bert} for
   * one that embeds texts.
   */
  public static String type(Path folder) {
    ConfigFile config = config(folder);
    return TextEncoders.wrote(config) ? "dual-bert" : config.modelType();
  }

  /** The configuration of the model in {@code folder}. */
  static ConfigFile config(Path folder) {
    return ConfigFile.read(existing(folder, CONFIG));
  }

  /** Reads the model in {@code folder} onto {@code device}; the caller closes it. */
  public static Model load(Path folder, Device device) {
    if (type(folder).equals("electra")) {
      return loadElectra(folder, device);
    }
    Model model = allocate(device, config(folder));
    try (Safetensors file = Safetensors.open(existing(folder, model.weightFile()))) {
      load(device, model, file);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Reads a model of a kind. One encoder that embeds texts and has heads is also one of tokens.
   *
   * @param purpose what needs that kind, for the complaint: {@code "generate"}
   * @throws BadInputException if it is of another kind
   */
  public static <T extends Model> T load(
      Path folder, Device device, Class<T> kind, String purpose) {
    Model model = load(folder, device);
    if (kind.isInstance(model)) {
      return kind.cast(model);
    }
    if (model instanceof TextEncoders texts
        && texts.fillsMasks()
        && kind.isInstance(texts.encoder())) {
      return kind.cast(texts.encoder());
    }
    String description = model.description();
    model.close();
    throw new BadInputException(
        "%s holds another kind of model than %s needs: %s; give %s"
            .formatted(folder, purpose, description, wanted(kind)));
  }

  /** What trains a kind of model, for people. */
  private static String wanted(Class<? extends Model> kind) {
    if (DualEncoder.class.isAssignableFrom(kind)) {
      return "one of contrastive, clip, siglip or coca";
    }
    if (kind == Denoiser.class) {
      return "one of diffusion";
    }
    return "one of text, as of clm, mlm or span-corruption";
  }

  /** Allocates the model that a configuration describes. */
  private static Model allocate(Device device, ConfigFile config) {
    String type = config.modelType();
    return switch (type) {
      case "gpt2", "llama" -> new Decoder(device, DecoderConfig.read(config));
      case "bert" ->
          TextEncoders.wrote(config)
              ? TextEncoders.read(device, config)
              : new Encoder(device, EncoderConfig.read(config));
      case "clip" ->
          new ImageTextEncoder(
              device, ImageTextConfig.read(config), DualEncoder.Start.read(config));
      case VitBertConfig.TYPE ->
          new ImageTextEncoder(device, VitBertConfig.read(config), DualEncoder.Start.read(config));
      case "t5", "bart" -> new EncoderDecoder(device, EncoderDecoderConfig.read(config));
      case DenoiserConfig.TYPE -> new Denoiser(device, DenoiserConfig.read(config));
      default -> throw unsupported(config);
    };
  }

  static BadInputException unsupported(ConfigFile config) {
    return new BadInputException(
        "%s: model_type '%s' is not supported; gpt2, llama, bert, electra, t5, bart, clip, %s and %s are"
            .formatted(config.file(), config.modelType(), VitBertConfig.TYPE, DenoiserConfig.TYPE));
  }

  /** Sets a model's weights from a file under its family's names. */
  public static void load(Device device, Model model, Safetensors file) {
    WeightFile.Names names =
        new WeightFile.Names(
            WeightFile.perhapsWithout(model.optionalPrefix(), file),
            model::ignores,
            name -> false,
            name -> {},
            model::copies);
    WeightFile.load(device, model.parameters(), file, names);
  }

  /** The tokenizer's file in {@code folder}. */
  public static Path tokenizer(Path folder) {
    return existing(folder, TOKENIZER);
  }

  static Path existing(Path folder, String name) {
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
