package dev.culebra.test.soft;

import dev.culebra.objectives.training.Recipe;
import dev.culebra.objectives.training.Run;
import dev.culebra.objectives.training.RunListener;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Training of a model that the software device steps through in a moment. */
final class TinyRun {

  private TinyRun() {}

  /** A recipe over {@code data} with further settings, each key=value. */
  static Recipe recipe(Path data, String... settings) {
    Recipe recipe = Recipe.named("clm").with("data.path", data.toString(), "test");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      recipe = recipe.with(setting.substring(0, equals), setting.substring(equals + 1), "test");
    }
    return recipe;
  }

  /** Trains in {@code folder}; returns the loss of each step. */
  static List<Double> train(Recipe recipe, Path folder, Device device) throws IOException {
    List<Double> losses = new ArrayList<>();
    Run.train(
        recipe,
        folder,
        false,
        device,
        new RunListener() {
          @Override
          public void step(Step step) {
            losses.add(step.loss());
          }
        });
    return losses;
  }

  /** Writes some thousand words of a few kinds, the same every time. */
  static Path text(Path folder) {
    String[] words = {"the", "whale", "sea", "and", "a", "ship", "white", "sailed", "saw", "old"};
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      text.append(words[random.nextInt(words.length)]).append(i % 12 == 11 ? ".\n" : " ");
    }
    try {
      return Files.writeString(folder.resolve("text.txt"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
