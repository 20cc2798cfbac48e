package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed by SIGKILL at random moments, while it writes checkpoints among them, ends
 * with the same weights, optimiser state and metrics as one that was left alone.
 */
class KillTest {

  private static final int KILLS = 20;
  private static final String STEPS = "schedule.steps=400";

  @TempDir Path temporary;

  @Test
  void killedRunsEndBitEqual() throws Exception {
    long seed = Long.getLong("culebra.test.seed", new SplittableRandom().nextLong());
    String replay = "replay with -Dculebra.test.seed=" + seed;
    SplittableRandom random = new SplittableRandom(seed);
    Path text = SmallRun.text(temporary);
    Path calm = temporary.resolve("calm");
    try (Device device = CpuDevice.open(2)) {
      Run.train(SmallRun.recipe(text, STEPS), calm, false, device, new RunListener() {});
    }
    Path killed = temporary.resolve("killed");
    int kills = 0;
    boolean done = false;
    while (!done) {
      done = child(text, killed, kills < KILLS ? random : null);
      kills += done ? 0 : 1;
      assertThat(kills).as(replay).isLessThanOrEqualTo(KILLS);
    }
    System.out.printf("KillTest: %d kills; %s%n", kills, replay);
    assertThat(kills).as(replay).isEqualTo(KILLS);
    for (String file :
        List.of(
            "model/model.safetensors",
            "checkpoints/step-400/model.safetensors",
            "checkpoints/step-400/optimizer.safetensors")) {
      assertThat(Files.mismatch(calm.resolve(file), killed.resolve(file)))
          .as("%s; %s", file, replay)
          .isEqualTo(-1);
    }
    assertThat(losses(killed)).as(replay).isEqualTo(losses(calm));
  }

  /**
   * Runs a child and kills it a moment after one of its next lines; each run gets at least one
   * checkpoint further, so that the last one comes to its end.
   *
   * @return whether it ended by itself
   */
  private boolean child(Path text, Path folder, SplittableRandom random) throws Exception {
    Path errors = temporary.resolve("child-errors.txt");
    Process process =
        ChildJvm.start(
            ChildRun.class,
            List.of(text.toString(), folder.toString(), STEPS),
            Redirect.to(errors.toFile()));
    // The text, its tokens, the first step, a step between checkpoints, or a checkpoint's writing.
    int lines = random == null ? Integer.MAX_VALUE : random.nextInt(10);
    long delay = random == null ? 0 : random.nextLong(20_000);
    int start = lines == 0 ? 200 + random.nextInt(600) : 0;
    return ChildJvm.ended(process, lines, start, delay, errors);
  }

  /** Everything in the metrics but the times. */
  private static List<String> losses(Path folder) throws IOException {
    return Files.readAllLines(folder.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll(",\"tokens_per_second\":[^,}]*,\"seconds\":[^,}]*", ""))
        .toList();
  }
}
