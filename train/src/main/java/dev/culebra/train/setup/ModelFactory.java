package dev.culebra.train.setup;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.electra.ElectraShape;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.encoderdecoder.EncoderDecoderShape;
import dev.culebra.models.nn.Rotary;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.Locale;
import java.util.function.Function;

/**
 * A model of tokens as a recipe asks for it, before anything is allocated.
 *
 * @param architecture which stacks it has
 * @param build allocates it, its weights zeros
 */
public record ModelFactory(Architecture architecture, Function<Device, TokenModel> build) {

  /** The arrangement of the models of a family. */
  public static Architecture architecture(String family) {
    return switch (family) {
      case "bert", "electra" -> Architecture.ENCODER;
      case "t5", "bart" -> Architecture.ENCODER_DECODER;
      case "llama", "gpt2" -> Architecture.DECODER;
      default -> throw new IllegalArgumentException(family);
    };
  }

  /**
   * The model of a recipe.
   *
   * @param family whose design
   * @param vocabulary number of token ids
   * @param head what an encoder is asked
   * @throws BadInputException if the sizes are impossible
   */
  public static ModelFactory of(Recipe recipe, String family, int vocabulary, Head head) {
    Architecture architecture = architecture(family);
    return switch (architecture) {
      case DECODER -> {
        DecoderShape shape = decoder(recipe, family, vocabulary);
        yield new ModelFactory(architecture, device -> new Decoder(device, shape));
      }
      case ENCODER -> {
        EncoderShape shape = encoder(recipe, vocabulary, head);
        if (family.equals("electra")) {
          ElectraShape both = ElectraShape.of(shape);
          yield new ModelFactory(architecture, device -> new Electra(device, both));
        }
        yield new ModelFactory(architecture, device -> new Encoder(device, shape));
      }
      case ENCODER_DECODER -> {
        EncoderDecoderShape shape = encoderDecoder(recipe, family, vocabulary);
        yield new ModelFactory(architecture, device -> new EncoderDecoder(device, shape));
      }
    };
  }

  private static DecoderShape decoder(Recipe recipe, String name, int vocabulary) {
    DecoderFamily family = DecoderFamily.valueOf(name.toUpperCase(Locale.ROOT));
    int heads = recipe.get(Settings.HEADS);
    int width = recipe.get(Settings.WIDTH);
    int kvHeads = recipe.get(Settings.KV_HEADS);
    return new DecoderShape(
        family,
        vocabulary,
        recipe.get(Settings.CONTEXT),
        width,
        recipe.get(Settings.LAYERS),
        heads,
        kvHeads == 0 ? heads : kvHeads,
        hidden(recipe, family.hidden(width)),
        recipe.get(Settings.EPSILON),
        Rotary.of(recipe.get(Settings.ROPE_THETA)),
        recipe.get(Settings.TIED));
  }

  /** The shape of an encoder of text. */
  public static EncoderShape encoder(Recipe recipe, int vocabulary, Head head) {
    return new EncoderShape(
        vocabulary,
        recipe.get(Settings.CONTEXT),
        recipe.get(Settings.WIDTH),
        recipe.get(Settings.LAYERS),
        recipe.get(Settings.HEADS),
        hidden(recipe, 4 * recipe.get(Settings.WIDTH)),
        recipe.get(Settings.EPSILON),
        Activation.GELU_TANH,
        head);
  }

  private static EncoderDecoderShape encoderDecoder(Recipe recipe, String name, int vocabulary) {
    EncoderDecoderShape.Family family =
        EncoderDecoderShape.Family.valueOf(name.toUpperCase(Locale.ROOT));
    int width = recipe.get(Settings.WIDTH);
    int heads = recipe.get(Settings.HEADS);
    int layers = recipe.get(Settings.LAYERS);
    int decoderLayers = recipe.get(Settings.DECODER_LAYERS);
    return new EncoderDecoderShape(
        family,
        vocabulary,
        recipe.get(Settings.CONTEXT),
        width,
        layers,
        decoderLayers == 0 ? layers : decoderLayers,
        heads,
        Math.max(1, width / heads),
        hidden(recipe, family.hidden(width)),
        recipe.get(Settings.EPSILON),
        Activation.GELU_TANH,
        family == EncoderDecoderShape.Family.T5,
        family == EncoderDecoderShape.Family.BART,
        32,
        128);
  }

  private static int hidden(Recipe recipe, int usual) {
    int given = recipe.get(Settings.HIDDEN);
    return given == 0 ? usual : given;
  }
}
