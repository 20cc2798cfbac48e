package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A save fails at each of its disk operations in turn; what was complete before stays so. */
class CheckpointFaultTest {
  private static final int MORE_THAN_ALL = 1000;

  @TempDir Path run;
  private final List<String> warnings = new ArrayList<>();

  private static CheckpointStore.Contents state(String text) {
    return sink -> {
      sink.write("model.bin", Content.text("model " + text));
      sink.write("state.json", Json.content(List.of(text)));
    };
  }

  @ParameterizedTest(name = "over the same step: {0}, disk stays full: {1}")
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void everyOperationMayFail(boolean sameStep, boolean staysFull) throws IOException {
    int failures = 0;
    for (int at = 1; at < MORE_THAN_ALL; at++) {
      Path folder = run.resolve("at-" + at);
      new CheckpointStore(folder, 1, warnings::add).save(10, state("old"));
      LoggingDisk disk = new LoggingDisk(run);
      disk = staysFull ? disk.fullFrom(at) : disk.failingAt(at);
      CheckpointStore store = new CheckpointStore(disk, folder, 1, warnings::add);
      long step = sameStep ? 10 : 20;
      boolean saved = true;
      try {
        store.save(step, state("new"));
      } catch (IOException e) {
        saved = false;
        failures++;
        assertThat(e)
            .hasMessage(
                Format.text(
                    "Cannot save checkpoint step-%d in %s: No space left on device;"
                        + " the earlier checkpoints are untouched.",
                    step, folder));
      }
      assertUsable(folder, saved, step);
      if (disk.log().size() < at) {
        assertThat(saved).isTrue();
        assertThat(failures).isGreaterThan(10);
        return;
      }
    }
    throw new AssertionError("the save never ended");
  }

  private void assertUsable(Path folder, boolean saved, long step) throws IOException {
    CheckpointStore after = new CheckpointStore(folder, 1, warnings::add);
    assertThat(after.newest()).as("while the run goes on").isPresent();
    after.recover();
    CheckpointStore.Checkpoint newest = after.newest().orElseThrow();
    // A failure after the last rename leaves the new checkpoint, complete; all others the old one.
    String content = Files.readString(newest.folder().resolve("model.bin"));
    assertThat(content).isIn("model old", "model new");
    if (saved) {
      assertThat(content).isEqualTo("model new");
    }
    assertThat(newest.step()).isEqualTo(content.equals("model new") ? step : 10);
    for (Path path : DurableFiles.list(folder)) {
      assertThat(path.getFileName().toString()).startsWith("step-");
    }
  }

  @Test
  void aFullDiskIsNamedAndNothingStays() throws IOException {
    Path folder = run.resolve("checkpoints");
    new CheckpointStore(folder, 1, warnings::add).save(10, state("old"));
    Disk full =
        new Disk() {
          @Override
          public FileChannel create(Path path) throws IOException {
            Files.createFile(path);
            return FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);
          }
        };
    CheckpointStore store = new CheckpointStore(full, folder, 1, warnings::add);
    assertThatThrownBy(() -> store.save(20, state("new")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Cannot save checkpoint step-20 in %s: No space left on device;"
                + " the earlier checkpoints are untouched.",
            folder);
    assertThat(DurableFiles.list(folder)).containsExactly(folder.resolve("step-10"));
    assertThat(store.newest().orElseThrow().step()).isEqualTo(10);
  }

  @Test
  void aFolderThatCannotBeIsNamed() throws IOException {
    Path file = Files.createFile(run.resolve("file"));
    CheckpointStore below = new CheckpointStore(file.resolve("checkpoints"), 1, warnings::add);
    assertThatThrownBy(() -> below.save(1, state("new")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "Cannot save checkpoint step-1 in %s: ", file.resolve("checkpoints"));
    CheckpointStore instead = new CheckpointStore(file, 1, warnings::add);
    assertThatThrownBy(() -> instead.save(1, state("new")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in %s: a file of that name is in the way;", file);
  }

  @Test
  void anOldOneThatCannotBeRemovedIsAWarning() throws IOException {
    Path folder = run.resolve("checkpoints");
    new CheckpointStore(folder, 1, warnings::add).save(10, state("old"));
    Disk stuck =
        new Disk() {
          @Override
          public void delete(Path path) throws IOException {
            throw new IOException("Input/output error");
          }
        };
    CheckpointStore store = new CheckpointStore(stuck, folder, 1, warnings::add);
    store.save(20, state("new"));
    assertThat(store.newest().orElseThrow().step()).isEqualTo(20);
    assertThat(warnings)
        .containsExactly(
            Format.text(
                "Cannot remove the old checkpoint %s: Input/output error.",
                folder.resolve("step-10")));
  }
}
