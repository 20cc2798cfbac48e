package dev.culebra.test.run;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.run.Run;
import java.io.IOException;
import java.nio.file.Path;

/** A small run of a recipe in a process of its own: arguments are its name, its data, a folder. */
final class ChildRecipe {

  private ChildRecipe() {}

  /** A recipe over the data in a folder, of so many steps that it can be killed many times. */
  static Recipe recipe(String name, Path data) {
    String[] longer = {"schedule.steps=120", "run.checkpointEvery=2", "run.evaluateEvery=50"};
    return switch (name) {
      case "contrastive" -> SmallPairs.recipe(name, data.resolve("pairs.tsv"), longer);
      case "clip", "coca" -> SmallPairs.recipe(name, data.resolve("images"), longer);
      case "diffusion" -> SmallImages.recipe(data.resolve("images"), longer);
      default -> TextRecipes.recipe(name, data, longer);
    };
  }

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[2]);
    Recipe recipe = recipe(args[0], Path.of(args[1]));
    boolean resume = RunFolder.exists(folder);
    try (Device device = CpuDevice.open(1)) {
      Run.train(resume ? Recipe.empty() : recipe, folder, resume, device, new ChildLines());
    }
    System.out.println(ChildLines.DONE);
  }
}
