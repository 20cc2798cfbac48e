package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {
  @TempDir Path folder;
  private Path file;

  record Row(long step, double loss) {}

  @BeforeEach
  void name() {
    file = folder.resolve("metrics.jsonl");
  }

  @Test
  void eachLineIsInTheFileAtOnce() throws IOException {
    Files.writeString(file, "of an earlier run");
    try (MetricsLog log = MetricsLog.create(file)) {
      log.write(new Row(1, 2.5));
      assertThat(file).hasContent("{\"step\":1,\"loss\":2.5}\n");
      log.write(new Row(2, Double.NaN));
      log.sync();
      assertThat(file).hasContent("{\"step\":1,\"loss\":2.5}\n{\"step\":2,\"loss\":\"NaN\"}\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"step\":4,\"loss\":1.0}\n",
        "{\"step\":4,\"loss\":1.0}\n{\"step\":5,\"loss\":1.0}\n{\"st",
        "{\"step\":3,\"loss\":1.0}",
        "{\"st",
        "\0\0\0\0",
        "\0\0\0\n{\"step\":5,\"loss\":1.0}\n",
        "\n\n[]\n{\"step\":\"3\"}\n7\n",
      })
  void continuesAfterTheResumedStep(String rest) throws IOException {
    String kept = "{\"step\":1,\"loss\":3.0}\n{\"step\":3,\"loss\":2.0}\n{\"step\":3,\"x\":{}}\n";
    Files.writeString(file, kept + rest);
    try (MetricsLog log = MetricsLog.resume(file, 3)) {
      log.write(new Row(4, 1.5));
    }
    assertThat(Files.readString(file)).isEqualTo(kept + "{\"step\":4,\"loss\":1.5}\n");
  }

  @Test
  void beginsWhereThereIsNoFile() throws IOException {
    try (MetricsLog log = MetricsLog.resume(file, 3)) {
      log.write(new Row(4, 1));
    }
    assertThat(file).hasContent("{\"step\":4,\"loss\":1.0}\n");
  }

  @Test
  void losesNoLineOfTheUser() throws IOException {
    String text = "{\"step\":1}\nremember: lr was wrong\n{\"step\":2}\n";
    Files.writeString(file, text);
    assertThatThrownBy(() -> MetricsLog.resume(file, 3))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":2: not a JSON object with a step of at most 3");
    assertThat(file).hasContent(text);
  }

  @Test
  void aLineThatDoesNotFitOnTheDiskLeavesNoPart() throws IOException {
    Disk full =
        new Disk() {
          @Override
          public void write(FileChannel channel, ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > 30) {
              channel.write(bytes.slice(0, 10));
              throw new IOException("No space left on device");
            }
            Disk.super.write(channel, bytes);
          }
        };
    try (MetricsLog log = MetricsLog.resume(full, file, 0)) {
      log.write(new Row(1, 2.5));
      assertThatThrownBy(() -> log.write(new Row(2, 1.2345678901234567)))
          .isInstanceOf(IOException.class)
          .hasMessage("Cannot write the log %s: No space left on device.", file);
      log.write(new Row(3, 2));
    }
    assertThat(file).hasContent("{\"step\":1,\"loss\":2.5}\n{\"step\":3,\"loss\":2.0}\n");
  }

  @Test
  void namesTheFileThatCannotBeWritten() throws IOException {
    assertThatThrownBy(() -> MetricsLog.create(folder.resolve("none/metrics.jsonl")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "Cannot open the log %s: no such file or folder.",
            folder.resolve("none/metrics.jsonl"));
    MetricsLog log = MetricsLog.create(file);
    log.close();
    log.close();
    assertThatThrownBy(() -> log.write(new Row(1, 1))).isInstanceOf(ClosedChannelException.class);
  }
}
