package dev.culebra.test.run;

import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/** A model and a text so small that a run takes a moment. */
public final class SmallRun {

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("tokenizer.vocabulary", "300"),
          Map.entry("model.width", "16"),
          Map.entry("model.layers", "2"),
          Map.entry("model.heads", "2"),
          Map.entry("model.context", "16"),
          Map.entry("batch.sequences", "4"),
          Map.entry("batch.accumulation", "2"),
          Map.entry("schedule.steps", "30"),
          Map.entry("schedule.warmup", "5"),
          Map.entry("run.evaluateEvery", "7"),
          Map.entry("run.evaluateTokens", "64"),
          Map.entry("run.checkpointEvery", "4"));

  private SmallRun() {}

  /** The recipe over {@code data}, with further settings as key=value. */
  static Recipe recipe(Path data, String... more) {
    Recipe recipe = Recipe.named("clm").with("data.path", data.toString(), "test");
    for (Map.Entry<String, String> entry : SETTINGS.entrySet()) {
      recipe = recipe.with(entry.getKey(), entry.getValue(), "test");
    }
    return with(recipe, more);
  }

  /** The recipe of an objective over {@code data}, for a model of one layer. */
  public static Recipe shallow(String objective, Path data, String... more) {
    Recipe recipe =
        with(
            Recipe.named(objective),
            "data.path=" + data,
            "tokenizer.vocabulary=300",
            "model.width=16",
            "model.layers=1",
            "model.heads=2",
            "model.context=32",
            "batch.sequences=4",
            "schedule.warmup=0");
    return with(recipe, more);
  }

  /** The recipe with settings, each key=value. */
  public static Recipe with(Recipe recipe, String... settings) {
    Recipe changed = recipe;
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      String key = setting.substring(0, equals);
      changed = changed.with(key, setting.substring(equals + 1), "test");
    }
    return changed;
  }

  /** Writes some thousand words of a few kinds, the same every time. */
  public static Path text(Path folder) throws IOException {
    String[] words = {"the", "whale", "sea", "and", "a", "ship", "white", "sailed", "saw", "old"};
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      text.append(words[random.nextInt(words.length)]).append(i % 12 == 11 ? ".\n" : " ");
    }
    return Files.writeString(folder.resolve("text.txt"), text);
  }
}
