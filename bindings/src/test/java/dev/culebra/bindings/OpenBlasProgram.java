package dev.culebra.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.culebra.bindings.openblas.Cblas;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** A program that loads OpenBLAS, multiplies 3 by 4 and tells how it went. */
final class OpenBlasProgram {

  private OpenBlasProgram() {}

  public static void main(String[] args) throws IOException {
    try {
      OpenBlasLibrary library = OpenBlasLibrary.load();
      library.attempts().forEach(System.out::println);
      System.out.println("3 * 4 = " + multiply(3, 4));
      if (Boolean.getBoolean("culebra.test.dependencies")) {
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(line -> line.contains("/libgfortran.") || line.contains("/libquadmath."))
            .map(line -> "with " + line.substring(line.indexOf('/')))
            .distinct()
            .forEach(System.out::println);
      }
    } catch (NativeLibraryException e) {
      e.attempts().forEach(System.out::println);
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static float multiply(float x, float y) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(JAVA_FLOAT, x);
      MemorySegment b = arena.allocateFrom(JAVA_FLOAT, y);
      MemorySegment c = arena.allocate(JAVA_FLOAT);
      int plain = Cblas.CblasNoTrans();
      Cblas.cblas_sgemm(Cblas.CblasRowMajor(), plain, plain, 1, 1, 1, 1, a, 1, b, 1, 0, c, 1);
      return c.get(JAVA_FLOAT, 0);
    }
  }
}
