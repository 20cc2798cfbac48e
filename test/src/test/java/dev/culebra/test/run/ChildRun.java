package dev.culebra.test.run;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.run.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** A small run in a process of its own, to be killed: arguments are text, folder, settings. */
final class ChildRun {

  private ChildRun() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[1]);
    String[] settings = Arrays.copyOfRange(args, 2, args.length);
    Recipe recipe = SmallRun.recipe(Path.of(args[0]), settings);
    try (Device device = CpuDevice.open(1)) {
      Run.train(recipe, folder, RunFolder.exists(folder), device, new ChildLines());
    }
    System.out.println(ChildLines.DONE);
  }
}
