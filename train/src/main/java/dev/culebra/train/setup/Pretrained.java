package dev.culebra.train.setup;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.ModelType;
import dev.culebra.models.PretrainedModel;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs that begin with the model of {@code model.from}. */
public final class Pretrained {

  private Pretrained() {}

  /** Whether a recipe names a start. */
  public static boolean from(Recipe recipe) {
    return !recipe.get(Settings.INIT).isEmpty();
  }

  /** The folder of the start. */
  public static Path folder(Recipe recipe) {
    return RunFolder.modelIn(Path.of(recipe.get(Settings.INIT)));
  }

  /**
   * The design of a recipe's model: the one that is asked for, or one of those that fit; of these,
   * the first that the start can go on as. If there is none, that of the start itself, which is
   * then refused with the reason.
   *
   * @param fitting the designs that can learn the objective, the usual one first
   */
  static String design(Recipe recipe, List<String> fitting) {
    String given = recipe.get(Settings.FAMILY);
    if (!given.equals("auto")) {
      return given;
    }
    if (!from(recipe)) {
      return fitting.getFirst();
    }
    List<String> offered = ModelType.successors(ModelType.of(folder(recipe)));
    return offered.stream().filter(fitting::contains).findFirst().orElse(offered.getFirst());
  }

  /**
   * The model of a start, its rows by the tokens of the run's tokenizer.
   *
   * @param making what becomes of it
   */
  public static <M> M begin(
      Recipe recipe,
      Tokenizer tokenizer,
      Consumer<String> notes,
      Function<PretrainedModel, M> making) {
    Path folder = folder(recipe);
    try (Tokenizer before = Tokenizers.load(ModelFolder.tokenizer(folder))) {
      PretrainedModel.Ids ids =
          new PretrainedModel.Ids(
              tokenizer.vocabularySize(),
              id -> before.id(tokenizer.token(id)).orElse(PretrainedModel.Ids.NEW));
      return making.apply(new PretrainedModel(folder, ids, recipe.get(Settings.SEED), notes));
    }
  }
}
