package dev.culebra.objectives.task;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.architecture.DecoderShape;
import dev.culebra.objectives.architecture.Electra;
import dev.culebra.objectives.architecture.ElectraShape;
import dev.culebra.objectives.architecture.Encoder;
import dev.culebra.objectives.architecture.EncoderDecoder;
import dev.culebra.objectives.architecture.EncoderDecoderShape;
import dev.culebra.objectives.architecture.EncoderShape;
import dev.culebra.objectives.architecture.EncoderShape.Heading;
import dev.culebra.objectives.architecture.Family;
import dev.culebra.objectives.architecture.Rotary;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.architecture.TokenModel.Arrangement;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import java.util.Locale;
import java.util.function.Function;

/**
 * A model of tokens as a recipe asks for it, before anything is allocated.
 *
 * @param arrangement which stacks it has
 * @param build allocates it, its weights zeros
 */
public record ModelPlan(Arrangement arrangement, Function<Device, TokenModel> build) {

  /** The arrangement of the models of a family. */
  public static Arrangement arrangement(String family) {
    return switch (family) {
      case "bert", "electra" -> Arrangement.ENCODER;
      case "t5", "bart" -> Arrangement.ENCODER_DECODER;
      case "llama", "gpt2" -> Arrangement.DECODER;
      default -> throw new IllegalArgumentException(family);
    };
  }

  /**
   * The model of a recipe.
   *
   * @param family whose design
   * @param vocabulary number of token ids
   * @param heading what an encoder is asked
   * @throws BadInputException if the sizes are impossible
   */
  public static ModelPlan of(Recipe recipe, String family, int vocabulary, Heading heading) {
    Arrangement arrangement = arrangement(family);
    return switch (arrangement) {
      case DECODER -> {
        DecoderShape shape = decoder(recipe, family, vocabulary);
        yield new ModelPlan(arrangement, device -> new Decoder(device, shape));
      }
      case ENCODER -> {
        EncoderShape shape = encoder(recipe, vocabulary, heading);
        if (family.equals("electra")) {
          ElectraShape both = ElectraShape.of(shape);
          yield new ModelPlan(arrangement, device -> new Electra(device, both));
        }
        yield new ModelPlan(arrangement, device -> new Encoder(device, shape));
      }
      case ENCODER_DECODER -> {
        EncoderDecoderShape shape = encoderDecoder(recipe, family, vocabulary);
        yield new ModelPlan(arrangement, device -> new EncoderDecoder(device, shape));
      }
    };
  }

  private static DecoderShape decoder(Recipe recipe, String name, int vocabulary) {
    Family family = Family.valueOf(name.toUpperCase(Locale.ROOT));
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
  public static EncoderShape encoder(Recipe recipe, int vocabulary, Heading heading) {
    return new EncoderShape(
        vocabulary,
        recipe.get(Settings.CONTEXT),
        recipe.get(Settings.WIDTH),
        recipe.get(Settings.LAYERS),
        recipe.get(Settings.HEADS),
        hidden(recipe, 4 * recipe.get(Settings.WIDTH)),
        recipe.get(Settings.EPSILON),
        Activation.GELU_TANH,
        heading);
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
