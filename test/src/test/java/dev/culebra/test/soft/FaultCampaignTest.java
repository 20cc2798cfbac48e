package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.Devices;
import dev.culebra.runtime.cuda.CudaException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.runtime.device.Precision;
import dev.culebra.runtime.io.CheckpointStore;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareControls;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every native function that a training run uses fails once at its first, second and last use: an
 * exception names the call, the process lives, the device's memory is free again, and the newest
 * checkpoint is that of the undisturbed run.
 *
 * <p>{@code -Dculebra.test.faults} says how many faults are tried, drawn by the printed seed; the
 * campaign tries all.
 */
final class FaultCampaignTest {

  private static final int OUT_OF_MEMORY = 2;
  private static final int UNKNOWN = 999;
  private static final int NVRTC_INTERNAL_ERROR = 11;
  private static final int CUBLAS_INTERNAL_ERROR = 14;

  @TempDir static Path folder;

  private static Recipe recipe;
  private static Path undisturbed;
  private static List<Fault> faults;

  /** One call to fail. */
  private record Fault(String function, long nth, int code) {}

  @BeforeAll
  static void runUndisturbed() throws IOException {
    SoftwareLane.load();
    recipe =
        TinyRun.recipe(
            SmallRun.text(folder),
            "model.family=gpt2",
            "model.layers=1",
            "model.width=32",
            "model.heads=1",
            "model.context=8",
            "batch.sequences=1",
            "optimizer.name=adamw",
            "tokenizer.vocabulary=270",
            "schedule.steps=4",
            "schedule.warmup=0",
            "data.heldOut=0.001",
            "run.checkpointEvery=1",
            "run.keepCheckpoints=10");
    undisturbed = folder.resolve("undisturbed");
    System.setProperty("culebra.kernelCache", "off"); // so that the compiler is used
    try {
      assertThat(train(undisturbed)).isEmpty();
    } finally {
      System.clearProperty("culebra.kernelCache");
    }
    faults = new ArrayList<>();
    for (String function : SoftwareControls.functions()) {
      long uses = SoftwareControls.calls(function);
      int code = code(function);
      Stream.of(1L, 2L, uses)
          .filter(nth -> nth <= uses && nth > 0)
          .distinct()
          .forEach(nth -> faults.add(new Fault(function, nth, code)));
    }
  }

  private static int code(String function) {
    if (function.startsWith("nvrtc")) {
      return NVRTC_INTERNAL_ERROR;
    }
    return function.startsWith("cublas") ? CUBLAS_INTERNAL_ERROR : UNKNOWN;
  }

  /** Trains on a new device; what went wrong, if anything did. */
  private static Optional<RuntimeException> train(Path run, Fault... told) throws IOException {
    SoftwareControls.reset(Seeds.all().getFirst());
    for (Fault fault : told) {
      SoftwareControls.fail(fault.function, fault.nth, fault.code);
    }
    try (Device device =
        Devices.open("soft", new Devices.Options(1, Precision.BF16, true)).device()) {
      TinyRun.train(recipe, run, device);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> everyCallFails() {
    int wanted = Integer.getInteger("culebra.test.faults", 12);
    long seed = Seeds.all().getFirst();
    List<Fault> drawn = new ArrayList<>(faults);
    Collections.shuffle(drawn, new Random(seed));
    System.out.printf(
        "FaultCampaignTest: %d of %d faults, seed %d%n",
        Math.min(wanted, drawn.size()), faults.size(), seed);
    return drawn.stream()
        .limit(wanted)
        .map(
            fault ->
                DynamicTest.dynamicTest(
                    fault.function + ", use " + fault.nth, () -> survives(fault)));
  }

  private static void survives(Fault fault) throws IOException {
    Path run = Files.createTempDirectory(folder, "run");
    boolean compiles = fault.function.startsWith("nvrtc");
    if (compiles) {
      System.setProperty("culebra.kernelCache", "off");
    }
    Optional<RuntimeException> failure;
    try {
      failure = train(run, fault);
    } finally {
      System.clearProperty("culebra.kernelCache");
    }
    assertThat(failure).as("a failed %s goes unnoticed", fault).isPresent();
    RuntimeException e = failure.get();
    assertThat(e)
        .as("what a failed %s is thrown as", fault)
        .isInstanceOf(CudaException.class)
        .hasMessageContaining(fault.function.replaceFirst("_v\\d$", ""));
    assertThat(SoftwareControls.leaks().lines())
        .as("left on the device after %s", fault)
        .allMatch(line -> line.contains("its release was told to fail"));
    assertCheckpoint(run);
  }

  /** The newest checkpoint, if there is one, is whole: the same as in the undisturbed run. */
  private static void assertCheckpoint(Path run) throws IOException {
    Path checkpoints = run.resolve(RunFolder.CHECKPOINTS);
    if (!Files.isDirectory(checkpoints)) {
      return;
    }
    Optional<CheckpointStore.Checkpoint> newest =
        new CheckpointStore(checkpoints, 10, note -> {}).newest();
    if (newest.isPresent()) {
      Path expected =
          undisturbed
              .resolve(RunFolder.CHECKPOINTS)
              .resolve(newest.get().folder().getFileName().toString());
      for (String file : List.of("model.safetensors", "optimizer.safetensors")) {
        assertThat(newest.get().folder().resolve(file))
            .hasSameBinaryContentAs(expected.resolve(file));
      }
    }
  }

  @Test
  void outOfMemoryListsTheLargestHolders() throws IOException {
    Path run = Files.createTempDirectory(folder, "run");
    Optional<RuntimeException> failure = train(run, new Fault("cuMemAlloc_v2", 4, OUT_OF_MEMORY));
    assertThat(failure).isPresent();
    assertThat(failure.get())
        .isInstanceOf(OutOfDeviceMemoryException.class)
        .hasMessageContaining("no room on soft");
    assertThat(SoftwareControls.leaks()).isEmpty();
  }
}
