package dev.culebra.models;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderConfig;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserConfig;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextConfig;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.dual.TextReading;
import dev.culebra.models.dual.VitBertConfig;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.electra.ElectraConfig;
import dev.culebra.models.electra.ElectraShape;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.encoderdecoder.EncoderDecoderConfig;
import dev.culebra.models.encoderdecoder.EncoderDecoderShape;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A trained model as the beginning of another run, perhaps with another vocabulary, other heads, or
 * as a part of a larger model. Its sizes are those of the new model.
 *
 * <p>Rows of the embedding and of the output matrix are carried over by token; a token that the
 * model does not know begins with the mean of all old rows, as transformers' {@code mean_resizing}
 * has it in the mean. Heads that the model lacks begin as those of a new one, and heads that are
 * not wanted are left out; either is told.
 *
 * @param folder of the model
 * @param ids the token ids of the new model; null for a model without any
 * @param seed of what begins anew
 * @param note is told what is not as it was
 */
public record PretrainedModel(Path folder, Ids ids, long seed, Consumer<String> note) {

  /**
   * Token ids of a new model.
   *
   * @param count how many
   * @param origin the old id of a new one, or {@link #NEW}
   */
  public record Ids(int count, IntUnaryOperator origin) {

    /** No old id. */
    public static final int NEW = -1;
  }

  /**
   * A model of tokens.
   *
   * @param design as which the model goes on
   * @param head what an encoder shall be asked; others ignore it
   * @throws BadInputException if the model cannot go on so
   */
  public TokenModel tokens(Device device, String design, Head head) {
    ConfigFile config = config(design);
    return switch (design) {
      case "gpt2", "llama" -> {
        DecoderShape shape = DecoderConfig.read(config);
        int[] rows = rows(shape.vocabulary());
        yield begun(device, new Decoder(device, shape.withVocabulary(rows.length)), rows);
      }
      case "t5", "bart" -> {
        EncoderDecoderShape shape = EncoderDecoderConfig.read(config);
        int[] rows = rows(shape.vocabulary());
        yield begun(device, new EncoderDecoder(device, shape.withVocabulary(rows.length)), rows);
      }
      case "bert" -> {
        PretrainedBert bert = PretrainedBert.in(config);
        bert.requireWide(config);
        UnaryOperator<String> names = bert.named("bert.", config);
        int[] rows = rows(bert.shape().vocabulary());
        EncoderShape shape = bert.shape().withVocabulary(rows.length).with(head);
        yield begun(device, new Encoder(device, shape), rows, bert.queries(), names);
      }
      case "electra" -> electra(device, config);
      default -> throw new IllegalArgumentException(design);
    };
  }

  private Electra electra(Device device, ConfigFile config) {
    PretrainedBert bert = PretrainedBert.in(config);
    UnaryOperator<String> names = bert.named("electra.", config);
    int[] rows = rows(bert.shape().vocabulary());
    Path generator = folder.resolve(ModelFolder.GENERATOR);
    if (!config.modelType().equals("electra") || !Files.isDirectory(generator)) {
      ElectraShape shape =
          ElectraShape.of(bert.shape().withVocabulary(rows.length), bert.embedding());
      return begun(device, new Electra(device, shape), rows, bert.queries(), names);
    }
    ElectraShape shape = ElectraConfig.read(config, ModelFolder.config(generator));
    return begun(device, new Electra(device, shape.withVocabulary(rows.length)), rows);
  }

  /**
   * Encoders of texts that find each other.
   *
   * @param two whether each side shall have an encoder of its own, even if the model has one
   * @param head what else an encoder of both sides shall be asked
   * @param logits where temperature and bias start if the model lacks them
   * @throws BadInputException if something else shall be asked of two encoders
   */
  public TextEncoders texts(Device device, boolean two, Head head, DualEncoder.Start logits) {
    ConfigFile config = config("bert");
    PretrainedBert bert = PretrainedBert.in(config);
    bert.requireWide(config);
    if (head != Head.NONE) {
      bert.requireOne(config);
    }
    int[] rows = rows(bert.shape().vocabulary());
    boolean oneForBoth = bert.shared() && !two;
    if (!bert.shared() && !two) {
      note.accept("model.from has two encoders, and they stay two");
    }
    EncoderShape shape = bert.shape().withVocabulary(rows.length).with(head);
    return begun(
        device,
        new TextEncoders(device, shape, oneForBoth, logits, reading(config, bert.shape())),
        rows,
        bert.queries(),
        bert.namedInTowers(oneForBoth, shape));
  }

  /** What a start makes of a text's rows, by its modules or its configuration. */
  private TextReading reading(ConfigFile config, EncoderShape shape) {
    if (!SentenceFolder.is(folder)) {
      return TextReading.read(config, shape.context());
    }
    SentenceFolder modules = SentenceFolder.read(folder, shape.context(), shape.width());
    modules.requireTokenizersCase();
    if (modules.prompts().values().stream().anyMatch(prompt -> !prompt.isEmpty())) {
      note.accept(
          "model.from puts prompts before texts, and this run does not: write them into the data");
    }
    if (!modules.reading().unit()) {
      note.accept("model.from does not normalise, and this run does: it compares by cosine");
    }
    return modules.reading().ofUnitLength();
  }

  /**
   * An encoder of images beside one of texts.
   *
   * @param design as which the model goes on
   * @param end the id that ends a text
   * @param captionLayers blocks that write captions if the model has none; 0 to have none
   * @param logits where temperature and bias start if the model lacks them
   */
  public ImageTextEncoder images(
      Device device, String design, int end, int captionLayers, DualEncoder.Start logits) {
    ImageTextShape old = imageShape(design);
    int[] rows = rows(old.vocabulary());
    boolean known = captionLayers > 0 && old.captionLayers() > 0;
    ImageTextShape shape =
        old.withVocabulary(rows.length, end)
            .withCaptionLayers(known ? old.captionLayers() : captionLayers);
    return begun(device, new ImageTextEncoder(device, shape, logits), rows);
  }

  /**
   * The shape of an encoder of images, in a folder, that goes on as a design.
   *
   * @throws BadInputException if the folder holds something else
   */
  public static ImageTextShape imageShape(Path folder, String design) {
    return new PretrainedModel(folder, null, 0, _ -> {}).imageShape(design);
  }

  private ImageTextShape imageShape(String design) {
    ConfigFile config = config(design);
    return design.equals("clip") ? ImageTextConfig.read(config) : VitBertConfig.read(config);
  }

  /** A denoiser. */
  public Denoiser denoiser(Device device) {
    ConfigFile config = config(ModelType.DENOISER);
    return begun(device, new Denoiser(device, DenoiserConfig.read(config)), new int[0]);
  }

  /** The configuration of a model that can go on as a design. */
  private ConfigFile config(String design) {
    String own = ModelType.of(folder);
    List<String> successors = ModelType.successors(own);
    if (!successors.contains(design)) {
      throw new BadInputException(
          Format.text(
              "model.from %s holds a model of the design %s, which can go on as %s, not as %s:"
                  + " leave out model.family, or start from %s",
              folder,
              own,
              String.join(" or ", successors),
              design,
              String.join(" or ", ModelType.startsOf(List.of(design)))));
    }
    return ModelFolder.config(folder);
  }

  private <M extends Model> M begun(Device device, M model, int[] rows) {
    return begun(device, model, rows, model.optionalPrefix(), UnaryOperator.identity());
  }

  /** Sets the weights of a new model, which is closed if that fails. */
  private <M extends Model> M begun(
      Device device, M model, int[] rows, String prefix, UnaryOperator<String> names) {
    try {
      model.parameters().initialize(seed);
      WeightTransfer carried = new WeightTransfer(device, model, rows);
      carried.load(folder, prefix, names);
      carried.tell(note);
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The old row of each new one; what the old tokenizer left unused is kept if nothing moves. */
  private int[] rows(int before) {
    int[] rows = IntStream.range(0, ids.count).map(id -> known(id, before)).toArray();
    boolean moved = IntStream.range(0, Math.min(before, ids.count)).anyMatch(i -> rows[i] != i);
    long added = IntStream.of(rows).filter(row -> row == Ids.NEW).count();
    if (moved) {
      note.accept(
          Format.text(
              "model.from has another tokenizer: %,d of %s keep their rows, by token",
              ids.count - added, Format.count(ids.count, "ids")));
    } else if (added > 0) {
      note.accept(
          Format.text("model.from gets %s, set to the mean", Format.count(added, "new token ids")));
    }
    return moved || ids.count >= before ? rows : IntStream.range(0, before).toArray();
  }

  private int known(int id, int before) {
    int old = ids.origin.applyAsInt(id);
    return old < before ? old : Ids.NEW;
  }
}
