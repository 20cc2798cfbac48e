package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("config.json"), "old");
  }

  @Test
  void replacesTheWholeFile() throws IOException {
    DurableFiles.replace(file, Content.text("né"));
    assertThat(file).hasContent("né");
    assertThat(DurableFiles.list(folder)).containsExactly(file);
  }

  @Test
  void syncsBeforeItRenamesAndTheFolderAfter() throws IOException {
    LoggingDisk disk = new LoggingDisk(folder);
    DurableFiles.replace(disk, file, Content.text("new"));
    assertThat(disk.log())
        .containsExactly(
            "create .tmp-config.json",
            "write",
            "sync",
            "move .tmp-config.json to config.json",
            "syncFolder .");
  }

  @Test
  void aFailureAtAnyPointLeavesAWholeFile() throws IOException {
    for (int at = 1; at <= 5; at++) {
      Files.writeString(file, "old");
      LoggingDisk disk = new LoggingDisk(folder).failingAt(at);
      assertThatThrownBy(() -> DurableFiles.replace(disk, file, Content.text("new")))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "Cannot write %s: No space left on device;"
                  + " nothing half-written was left in its place.",
              file);
      assertThat(file).hasContent(at < 5 ? "old" : "new");
      assertThat(DurableFiles.list(folder)).containsExactly(file);
    }
  }

  @Test
  void aFullDiskLeavesTheOldFile() {
    Disk full =
        new Disk() {
          @Override
          public FileChannel create(Path path) throws IOException {
            Files.createFile(path);
            return FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE);
          }
        };
    assertThatThrownBy(() -> DurableFiles.replace(full, file, Content.text("new")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot write %s: No space left on device", file);
    assertThat(file).hasContent("old");
  }

  @Test
  void aWriterThatGivesUpLeavesTheOldFile() throws IOException {
    assertThatThrownBy(
            () ->
                DurableFiles.replace(
                    file,
                    out -> {
                      Content.text("half").writeTo(out);
                      throw new IllegalStateException("given up");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("given up");
    assertThat(file).hasContent("old");
    assertThat(DurableFiles.list(folder)).containsExactly(file);
  }

  @Test
  void namesTheFolderThatIsNone() {
    Path below = file.resolve("config.json");
    assertThatThrownBy(() -> DurableFiles.replace(below, Content.text("new")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Cannot write %s: Not a directory", below);
  }

  @Test
  void removesWhatKilledWritersLeft() throws IOException {
    Files.writeString(folder.resolve(".tmp-config.json-1f"), "half");
    Path inside = Files.createDirectories(folder.resolve(".tmp-step-1-2e/deep"));
    Files.createSymbolicLink(inside.resolve("link"), file);
    Files.writeString(folder.resolve(".hidden"), "of the user");
    DurableFiles.removeUnfinished(folder);
    assertThat(DurableFiles.list(folder))
        .containsExactlyInAnyOrderElementsOf(List.of(file, folder.resolve(".hidden")));
    assertThat(file).hasContent("old");
    DurableFiles.removeUnfinished(folder.resolve("none"));
  }
}
