package dev.culebra.test.soft;

import dev.culebra.runtime.device.Device;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Training of a model that the software device steps through in a moment. */
final class TinyRun {

  private TinyRun() {}

  /** A recipe over {@code data} with further settings, each key=value. */
  static Recipe recipe(Path data, String... settings) {
    return SmallRun.with(Recipe.named("clm").with("data.path", data.toString(), "test"), settings);
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
}
