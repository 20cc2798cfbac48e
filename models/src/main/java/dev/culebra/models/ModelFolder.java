package dev.culebra.models;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderConfig;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserConfig;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextConfig;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.dual.VitBertConfig;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.electra.ElectraConfig;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.encoderdecoder.EncoderDecoderConfig;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.WeightFile;
import dev.culebra.runtime.tensor.WeightLoader;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

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

  /** Half a weight takes a byte in the smallest type, and a file may lack some of the weights. */
  private static final long MOST_PER_BYTE = 2;

  private static final long SPARE_BYTES = 1 << 20;

  private ModelFolder() {}

  /** The most bytes of tensors in one file; models that have more are written in shards. */
  static final long LARGEST_FILE = 5_000_000_000L;

  private static void copy(Path tokenizer, Path folder) throws IOException {
    if (tokenizer != null) {
      DurableFiles.replace(folder.resolve(TOKENIZER), Content.bytes(Files.readAllBytes(tokenizer)));
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
    save(folder, device, model, ids, tokenizer, LARGEST_FILE);
  }

  static void save(
      Path folder, Device device, Model model, Model.TokenIds ids, Path tokenizer, long largestFile)
      throws IOException {
    Files.createDirectories(folder);
    copy(tokenizer, folder);
    if (model instanceof Electra electra) {
      Path place = folder.resolve(GENERATOR);
      Files.createDirectories(place);
      copy(tokenizer, place);
      ShardIndex.write(
          place.resolve(WEIGHTS),
          WeightFile.of(device, model.parameters(), Electra::ofGenerator),
          largestFile);
      DurableFiles.replace(place.resolve(CONFIG), Json.content(electra.generatorConfig(ids)));
    }
    saveWeights(folder, device, model, ids, largestFile);
    DurableFiles.replace(folder.resolve(CONFIG), Json.content(model.config(ids)));
  }

  private static void saveWeights(
      Path folder, Device device, Model model, Model.TokenIds ids, long largestFile)
      throws IOException {
    SafetensorsWriter own =
        WeightFile.of(
            device, model.parameters(), name -> model.isOwn(name) ? List.of(name) : List.of());
    if (!own.tensors().isEmpty()) {
      own.write(folder.resolve(FolderWeights.OWN));
    }
    if (model instanceof TextEncoders texts && !texts.shared()) {
      RoutedFolder.save(folder, device, texts, ids, largestFile);
      return;
    }
    SafetensorsWriter published =
        WeightFile.of(device, model.parameters(), name -> FamilyNames.written(model, name));
    model.addUnread(published);
    ShardIndex.write(folder.resolve(model.weightFile()), published, largestFile);
  }

  /**
   * The family of the model in {@code folder}, as its configuration names it; {@code dual-bert} for
   * one that embeds texts.
   */
  public static String type(Path folder) {
    ConfigFile config = config(folder);
    return TextEncoders.wrote(config) || SentenceFolder.is(folder)
        ? "dual-bert"
        : config.modelType();
  }

  /** The configuration of the model in {@code folder}. */
  static ConfigFile config(Path folder) {
    return ConfigFile.read(existing(folder, CONFIG));
  }

  /** Reads the model in {@code folder} onto {@code device}; the caller closes it. */
  public static Model load(Path folder, Device device) {
    return filled(folder, device, allocate(device, folder));
  }

  /** Sets the weights of a model from a folder's files; the model is closed if that fails. */
  static <M extends Model> M filled(Path folder, Device device, M model) {
    return filled(folder, device, model, tensor -> false);
  }

  /**
   * Sets the weights of a model from a folder's files, which may lack some; these stay as they are.
   */
  static <M extends Model> M filled(
      Path folder, Device device, M model, Predicate<String> optional) {
    try (StoredTensors files = weights(folder, model)) {
      FamilyNames names = new FamilyNames(model);
      WeightLoader.load(
          device,
          model.parameters(),
          files,
          names.allowing(files, optional),
          WeightLoader.Rows.SAME);
      names.tell(folder);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** Opens the files of a model that is, or begins as, the one in a folder. */
  static StoredTensors weights(Path folder, Model model) {
    StoredTensors files = FolderWeights.open(folder, model.weightFile());
    if (!(model instanceof Electra) || !Files.isDirectory(folder.resolve(GENERATOR))) {
      return files;
    }
    try {
      return files.with(
          FolderWeights.open(folder.resolve(GENERATOR), model.weightFile())
              .renamed(Electra::fromGenerator));
    } catch (RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /**
   * Reads a dual encoder, whose embeddings have unit length unless its folder says otherwise; read
   * by {@link #load(Path, Device, Class, String)} they always have it.
   */
  public static DualEncoder loadAsSaid(Path folder, Device device, String purpose) {
    return SentenceFolder.is(folder)
        ? SentenceModels.load(folder, device, false)
        : load(folder, device, DualEncoder.class, purpose);
  }

  /**
   * Reads a model of a kind. One encoder that embeds texts and has heads is also one of tokens.
   *
   * @param purpose what needs that kind, for the complaint: {@code "generate"}
   * @throws BadInputException if it is of another kind
   */
  public static <T extends Model> T load(
      Path folder, Device device, Class<T> kind, String purpose) {
    boolean embeds = DualEncoder.class.isAssignableFrom(kind) && SentenceFolder.is(folder);
    Model model = embeds ? SentenceModels.load(folder, device, true) : load(folder, device);
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
        Format.text(
            "%s holds another kind of model than %s needs: %s; give %s",
            folder, purpose, description, wanted(kind)));
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

  /** Allocates the model that a configuration describes, if the weights can be of its size. */
  private static Model allocate(Device device, Path folder) {
    ConfigFile config = config(folder);
    long bytes = FolderWeights.bytes(folder);
    return Parameters.bounded(
        count -> {
          if (count / MOST_PER_BYTE > bytes + SPARE_BYTES) {
            if (bytes == 0) {
              FolderWeights.open(folder, WEIGHTS).close(); // says what is missing
            }
            throw new BadInputException(
                Format.text(
                    "%s describes a model of %,d weights, but the weight files of its folder have"
                        + " %,d bytes: they belong to different models",
                    config.file(), count, bytes));
          }
        },
        () -> allocate(device, folder, config));
  }

  private static Model allocate(Device device, Path folder, ConfigFile config) {
    return switch (config.modelType()) {
      case "gpt2", "llama" -> new Decoder(device, DecoderConfig.read(config));
      case "bert" ->
          TextEncoders.wrote(config)
              ? TextEncoders.read(device, config)
              : new Encoder(device, EncoderConfig.read(config));
      case "electra" ->
          new Electra(device, ElectraConfig.read(config, config(folder.resolve(GENERATOR))));
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
        Format.text(
            "%s: model_type '%s' is not supported; gpt2, llama, bert, electra, t5, bart, clip, %s"
                + " and %s are",
            config.file(), config.modelType(), VitBertConfig.TYPE, DenoiserConfig.TYPE));
  }

  /** Sets a model's weights from a file that holds them under the parameters' names. */
  public static void load(Device device, Model model, Safetensors file) {
    WeightLoader.load(
        device,
        model.parameters(),
        StoredTensors.of(file),
        WeightLoader.Names.EXACT,
        WeightLoader.Rows.SAME);
  }

  /** The tokenizer's file in {@code folder}. */
  public static Path tokenizer(Path folder) {
    return existing(folder, TOKENIZER);
  }

  static Path existing(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw lacks(folder, name);
    }
    return file;
  }

  static BadInputException lacks(Path folder, String name) {
    return new BadInputException(
        Format.text(
            "%s is not a model folder: it has no %s; give the folder of a run, or one with %s, %s"
                + " and %s",
            folder, name, CONFIG, WEIGHTS, TOKENIZER));
  }
}
