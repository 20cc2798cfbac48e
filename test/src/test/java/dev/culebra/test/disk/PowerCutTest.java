package dev.culebra.test.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.run.SmallRun;
import dev.culebra.test.run.TextRecipes;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A power cut at any moment after the first checkpoint was announced, with everything lost that was
 * not synced: the run goes on, and ends with the same weights.
 */
class PowerCutTest {

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"clm | 4", "mixture mixture.parts=span-corruption:0.5,seq2seq:0.5 | 2"})
  void everyStateAfterTheFirstCheckpointGoesOn(String name, int steps) throws IOException {
    TextRecipes.write(temporary);
    Recipe recipe =
        SmallRun.with(
            TextRecipes.recipe(name, temporary),
            "model.layers=1",
            "schedule.steps=" + steps,
            "run.checkpointEvery=2",
            "run.keepCheckpoints=1");
    Path root = Files.createDirectories(temporary.resolve("disk")).toRealPath();
    CrashDisk disk = new CrashDisk(root);
    Path weights = root.resolve("runs/new/model/model.safetensors");
    try (Device device = CpuDevice.open(1)) {
      RunListener watcher =
          new RunListener() {
            private boolean watching;

            @Override
            public void saved(long step) {
              if (!watching) {
                watching = true;
                disk.watch();
              }
            }
          };
      Path folder = CrashFileSystem.path(disk, root).resolve("runs").resolve("new");
      Run.train(recipe, folder, false, device, watcher);
      List<CrashDisk.State> states = disk.states();
      assertThat(states).hasSizeGreaterThan(steps == 2 ? 0 : 20);
      for (int i = 0; i < states.size(); i++) {
        CrashDisk.State state = states.get(i);
        Path after = Files.createDirectories(temporary.resolve("after-" + i));
        state.write(after);
        Path resumed = after.resolve("runs/new");
        assertThatCode(() -> Run.train(Recipe.empty(), resumed, true, device, new RunListener() {}))
            .as(state.moment())
            .doesNotThrowAnyException();
        assertThat(resumed.resolve("model/model.safetensors"))
            .as(state.moment())
            .hasSameBinaryContentAs(weights);
      }
      System.out.printf("PowerCutTest: %s: %d states after a power cut%n", name, states.size());
    }
  }

  @Test
  void theDiskLosesWhatWasNotSynced() throws IOException {
    Path root = temporary.toRealPath();
    CrashDisk disk = new CrashDisk(root);
    Path seen = CrashFileSystem.path(disk, root);
    disk.watch();
    Files.writeString(seen.resolve("a"), "lost");
    Files.move(seen.resolve("a"), seen.resolve("b"));
    CrashDisk.State last = disk.states().getLast();
    assertThat(last.files()).containsOnlyKeys("b");
    assertThat(last.files().get("b")).isEmpty();
    assertThat(disk.states()).anyMatch(state -> state.files().isEmpty());
  }
}
