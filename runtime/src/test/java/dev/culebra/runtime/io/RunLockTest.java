package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @TempDir Path folder;

  @Test
  void refusesASecondRunInThisProcessAndKeepsTheFirstLocked() throws Exception {
    Path run = folder.resolve("runs/a");
    try (RunLock lock = RunLock.acquire(run)) {
      assertThat(lock).isNotNull();
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> RunLock.acquire(folder.resolve("runs/../runs/a")))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("runs/a is in use by this process");
      }
      try (Child other = Child.start(Holder.class, run.toString())) {
        assertThat(other.line())
            .contains(run + " is in use by process " + ProcessHandle.current().pid());
      }
    }
    RunLock.acquire(run).close();
  }

  @Test
  void isReleasedWhenTheHolderIsKilled() throws Exception {
    try (Child other = Child.start(Holder.class, folder.toString())) {
      assertThat(other.line()).isEqualTo("locked");
      assertThatThrownBy(() -> RunLock.acquire(folder))
          .isInstanceOf(BadInputException.class)
          .hasMessage(
              Format.text(
                  "The run folder %s is in use by process %d;"
                      + " wait for it to end or choose another folder.",
                  folder, other.pid()));
      other.kill();
    }
    RunLock lock = RunLock.acquire(folder);
    lock.close();
    lock.close();
    RunLock.acquire(folder).close();
  }

  @Test
  void namesTheFolderThatCannotBeUsed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> RunLock.acquire(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            "Cannot write in the run folder %s: a file of that name is in the way", file);
    assertThatThrownBy(() -> RunLock.acquire(file.resolve("run")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Cannot write in the run folder " + file.resolve("run"));
  }

  /** Another process: locks the folder and waits, or prints why it may not. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (RunLock lock = RunLock.acquire(Path.of(args[0]))) {
        System.out.println(lock == null ? "" : "locked");
        Thread.sleep(60_000);
      } catch (BadInputException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
