package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedObjectTest {

  private static final byte[] LIBRARY = JarFiles.bytes(JarFiles.SMALL);

  @TempDir Path folder;

  @Test
  void aWholeLibraryHasNoProblem() throws IOException {
    assertThat(SharedObject.problem(write(LIBRARY))).isEmpty();
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    assertThat(SharedObject.problem(folder.resolve("nothing"))).hasValue("no such file");
    assertThat(SharedObject.problem(folder)).hasValue("a folder, not a library file");
    assertThat(SharedObject.problem(write(new byte[0])))
        .hasValue("not a shared library: it does not begin with the ELF signature");
    assertThat(SharedObject.problem(write(new byte[] {'#', '!', '/', 'b'})))
        .hasValue("not a shared library: it does not begin with the ELF signature");
    assertThat(SharedObject.problem(write(Arrays.copyOf(LIBRARY, 20))))
        .hasValue("truncated: 20 bytes of at least 64");
  }

  /**
   * One byte less than the segments need is found out; exactly what they need is loaded without
   * harm.
   */
  @Test
  void knowsTheLastByteThatMustBeThere() throws IOException {
    int needed = neededByAllSegments();
    assertThat(SharedObject.problem(write(Arrays.copyOf(LIBRARY, needed - 1))))
        .hasValue("truncated: " + (needed - 1) + " bytes of at least " + needed);
    Path enough = write(Arrays.copyOf(LIBRARY, needed));
    assertThat(SharedObject.problem(enough)).isEmpty();
    assertThatCode(() -> System.load(enough.toString())).doesNotThrowAnyException();
  }

  /** Damaged headers give a verdict, never an exception. */
  @Test
  void survivesRandomHeaders() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = Arrays.copyOf(LIBRARY, 4096);
      for (int j = 0; j < 8; j++) {
        damaged[4 + random.nextInt(600)] = (byte) random.nextInt();
      }
      Path file = write(damaged);
      assertThatCode(() -> SharedObject.problem(file))
          .as("seed %d", seed)
          .doesNotThrowAnyException();
    }
  }

  /**
   * The end of the last loadable segment, read from the program headers by another road than the
   * code under test.
   */
  private static int neededByAllSegments() {
    ByteBuffer elf = ByteBuffer.wrap(LIBRARY).order(ByteOrder.LITTLE_ENDIAN);
    int table = Math.toIntExact(elf.getLong(32));
    long end = 0;
    for (int i = 0; i < elf.getShort(56); i++) {
      ByteBuffer header = elf.slice(table + 56 * i, 56).order(ByteOrder.LITTLE_ENDIAN);
      if (header.getInt(0) == 1) {
        end = Math.max(end, header.getLong(8) + header.getLong(32));
      }
    }
    return Math.toIntExact(end);
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(Files.createTempFile(folder, "lib", ".so"), bytes);
  }
}
