package dev.culebra.train.setup;

import dev.culebra.models.PretrainedModel;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.dual.ImageTextShape.Tower;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.List;

/**
 * How an objective of pairs is trained.
 *
 * @param objective its name
 * @param family the design of its model
 * @param loss how embeddings are compared
 * @param contrasts whether they are, so that a batch of one pair has nothing to tell it from
 */
public record PairObjectiveConfig(
    String objective, String family, PairLoss loss, boolean contrasts) {

  /** Whether the left side is images. */
  public boolean images() {
    return !family.equals("bert");
  }

  /** Whether an objective is one of pairs. */
  public static boolean learns(String objective) {
    return captions(objective) || List.of("contrastive", "clip", "siglip").contains(objective);
  }

  /** Whether captions are written, alone or beside other things. */
  public boolean captions() {
    return captions(objective);
  }

  private static boolean captions(String objective) {
    return objective.equals("caption") || objective.equals("coca");
  }

  /** The plan of a recipe, refused with the reason if the model cannot learn the objective. */
  public static PairObjectiveConfig of(Recipe recipe) {
    String objective = recipe.get(Settings.OBJECTIVE);
    List<String> fitting = families(objective);
    String design = Pretrained.design(recipe, fitting);
    if (!fitting.contains(design)) {
      throw IncompatibleModel.of(recipe, objective, design, "it needs " + need(objective), fitting);
    }
    return new PairObjectiveConfig(objective, design, loss(recipe, objective), contrasts(recipe));
  }

  /** Whether a recipe asks for pairs to be told from each other. */
  public static boolean contrasts(Recipe recipe) {
    return !captions(recipe.get(Settings.OBJECTIVE)) || recipe.get(Settings.WEIGHT_CONTRASTIVE) > 0;
  }

  private static String need(String objective) {
    if (captions(objective)) {
      return "texts that are read from left to right, beside images";
    }
    return objective.equals("contrastive")
        ? "an encoder of texts"
        : "an encoder for each side of a pair";
  }

  /** The families that fit, the usual one first. */
  static List<String> families(String objective) {
    return switch (objective) {
      case "contrastive" -> List.of("bert");
      case "clip" -> List.of("clip", "vit-bert");
      case "caption", "coca" -> List.of("clip");
      default -> List.of("clip", "vit-bert", "bert");
    };
  }

  private static PairLoss loss(Recipe recipe, String objective) {
    String profile = recipe.get(Settings.CONTRAST);
    String usual = objective.equals("siglip") ? "siglip" : "clip";
    PairLoss loss = PairLoss.of(profile.equals("auto") ? usual : profile);
    double temperature = recipe.get(Settings.TEMPERATURE);
    return temperature == 0 ? loss : loss.startingAt(temperature);
  }

  /**
   * What becomes of a trained model.
   *
   * @param end the id that ends a text of an image
   */
  public DualEncoder model(Recipe recipe, PretrainedModel start, int end, Device device) {
    if (!images()) {
      boolean two = recipe.get(Settings.TOWERS).equals("two");
      return start.texts(device, two, Head.NONE, loss.start());
    }
    int layers = captions(objective) ? captionLayers(recipe) : 0;
    return start.images(device, family, end, layers, loss.start());
  }

  /**
   * Allocates the model, its weights zeros.
   *
   * @param end the id that ends a text of an image
   */
  public DualEncoder model(Recipe recipe, int vocabulary, int end, Device device) {
    if (!images()) {
      boolean shared = recipe.get(Settings.TOWERS).equals("shared");
      return new TextEncoders(
          device, ModelFactory.encoder(recipe, vocabulary, Head.NONE), shared, loss.start());
    }
    return new ImageTextEncoder(
        device, shape(recipe, Design.of(family), vocabulary, end), loss.start());
  }

  /** Refuses impossible sizes of a new model before any work is done. */
  public void check(Recipe recipe) {
    if (Pretrained.from(recipe)) {
      return;
    }
    int vocabulary = recipe.get(Settings.VOCABULARY);
    if (images()) {
      shape(recipe, Design.of(family), vocabulary, 0);
    } else {
      ModelFactory.encoder(recipe, vocabulary, Head.NONE);
    }
  }

  private static int captionLayers(Recipe recipe) {
    int given = recipe.get(Settings.DECODER_LAYERS);
    return given == 0 ? recipe.get(Settings.LAYERS) : given;
  }

  private static ImageTextShape shape(Recipe recipe, Design design, int vocabulary, int end) {
    int width = recipe.get(Settings.WIDTH);
    int hidden = recipe.get(Settings.HIDDEN);
    int dimension = recipe.get(Settings.DIMENSION);
    Tower tower =
        new Tower(
            width,
            recipe.get(Settings.LAYERS),
            recipe.get(Settings.HEADS),
            hidden == 0 ? 4 * width : hidden,
            recipe.get(Settings.EPSILON),
            design == Design.CLIP ? Activation.QUICK_GELU : Activation.GELU);
    return new ImageTextShape(
        design,
        tower,
        vocabulary,
        recipe.get(Settings.CONTEXT),
        end,
        tower,
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_CHANNELS),
        recipe.get(Settings.IMAGE_PATCH),
        dimension == 0 ? width : dimension,
        captions(recipe.get(Settings.OBJECTIVE)) ? captionLayers(recipe) : 0);
  }
}
