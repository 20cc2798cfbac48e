package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that logs, saves checkpoints and replaces its model in a loop is killed at random
 * moments. Each time the newest complete checkpoint is whole, none that was reported saved is lost,
 * and the next process goes on from there.
 */
class KilledRunTest {
  private static final int KILLS = Integer.getInteger("culebra.test.kills", 10);
  private static final int LONGEST_DELAY_MS = 120;

  @TempDir Path run;

  @Test
  void losesAtMostTheStepsSinceTheLastCheckpoint() throws Exception {
    long seed = Long.getLong("culebra.test.seed", System.nanoTime());
    System.out.println("kills drawn from -Dculebra.test.seed=" + seed);
    Random random = new Random(seed);
    List<String> warnings = new ArrayList<>();
    CheckpointStore store = new CheckpointStore(run.resolve("checkpoints"), 2, warnings::add);
    long reached = 0;
    long replaced = 0;
    int unfinished = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      OptionalLong saved = runAndKill(random, reached);
      long reported = saved.orElse(reached);
      replaced = saved.orElse(replaced);
      unfinished += countUnfinished();
      RunLock.acquire(run).close();
      long newest = store.newest().map(CheckpointStore.Checkpoint::step).orElse(0L);
      assertThat(newest).as("checkpoint after kill %d", kill).isBetween(reported, reported + 1);
      if (newest > 0) {
        assertThat(store.folderOf(newest).resolve("model.bin")).hasBinaryContent(bytes(newest));
        assertThat(store.folderOf(newest).resolve("state.bin")).hasBinaryContent(bytes(-newest));
      }
      assertModelIsWhole(replaced, newest);
      reached = newest;
    }
    assertThat(warnings).isEmpty();
    assertLogHasEachStepOnce(reached);
    System.out.printf("%d kills, %d amid a write, %d steps%n", KILLS, unfinished, reached);
  }

  /** Returns the last step that the process reported as saved, if there was one. */
  private OptionalLong runAndKill(Random random, long from) throws Exception {
    OptionalLong saved = OptionalLong.empty();
    try (Child child = Child.start(Run.class, run.toString())) {
      assertThat(child.line()).isEqualTo("from " + from);
      if (random.nextInt(4) > 0) {
        saved = OptionalLong.of(step(child.line()));
      }
      Thread.sleep(random.nextInt(LONGEST_DELAY_MS));
      child.kill();
      for (String line = child.line(); line != null; line = child.line()) {
        saved = OptionalLong.of(step(line));
      }
    }
    return saved;
  }

  private static long step(String line) {
    assertThat(line).startsWith("saved ");
    return Long.parseLong(line.substring("saved ".length()));
  }

  private int countUnfinished() throws IOException {
    int count = 0;
    for (String folder : List.of("checkpoints", "model")) {
      if (Files.isDirectory(run.resolve(folder))) {
        for (Path path : DurableFiles.list(run.resolve(folder))) {
          count += path.getFileName().toString().startsWith(".tmp-") ? 1 : 0;
        }
      }
    }
    return count;
  }

  /** The model is replaced after the checkpoint, so kills in between let it fall behind. */
  private void assertModelIsWhole(long replaced, long newest) throws IOException {
    Path model = run.resolve("model/model.bin");
    if (replaced == 0 && !Files.exists(model)) {
      return;
    }
    byte[] found = Files.readAllBytes(model);
    long step = ByteBuffer.wrap(found).getLong();
    assertThat(step).isBetween(replaced, newest);
    assertThat(found).isEqualTo(bytes(step));
  }

  private void assertLogHasEachStepOnce(long reached) throws IOException {
    MetricsLog.resume(run.resolve("metrics.jsonl"), reached).close();
    assertThat(Files.readAllLines(run.resolve("metrics.jsonl")))
        .isEqualTo(
            LongStream.rangeClosed(1, reached)
                .mapToObj(step -> "{\"step\":" + step + "}")
                .toList());
  }

  /** Contents that tell their step. */
  private static byte[] bytes(long step) {
    byte[] bytes = new byte[300_000];
    new Random(step).nextBytes(bytes);
    ByteBuffer.wrap(bytes).putLong(step);
    return bytes;
  }

  private static Content content(long step) {
    return out -> out.write(ByteBuffer.wrap(bytes(step)));
  }

  /** The process that is killed. */
  static final class Run {
    private Run() {}

    record Row(long step) {}

    public static void main(String[] args) throws Exception {
      Path run = Path.of(args[0]);
      Path model = Files.createDirectories(run.resolve("model"));
      CheckpointStore store =
          new CheckpointStore(run.resolve("checkpoints"), 2, System.err::println);
      try (RunLock lock = RunLock.acquire(run)) {
        store.recover();
        DurableFiles.removeUnfinished(model);
        long from = store.newest().map(CheckpointStore.Checkpoint::step).orElse(0L);
        System.out.println("from " + from);
        try (MetricsLog log = MetricsLog.resume(run.resolve("metrics.jsonl"), from)) {
          for (long step = from + 1; lock != null; step++) {
            save(store, log, model, step);
            System.out.println("saved " + step);
          }
        }
      }
    }

    private static void save(CheckpointStore store, MetricsLog log, Path model, long step)
        throws IOException {
      log.write(new Row(step));
      log.sync();
      store.save(
          step,
          sink -> {
            sink.write("model.bin", content(step));
            sink.write("state.bin", content(-step));
          });
      DurableFiles.replace(model.resolve("model.bin"), content(step));
    }
  }
}
