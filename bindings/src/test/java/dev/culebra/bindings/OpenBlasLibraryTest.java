package dev.culebra.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.bindings.openblas.Cblas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class OpenBlasLibraryTest {

  @Test
  void loadsAndSaysWhatItIs() {
    OpenBlasLibrary library = OpenBlasLibrary.load();

    assertThat(library.path()).isAbsolute().isRegularFile();
    assertThat(library.config()).startsWith("OpenBLAS 0.");
    assertThat(library.core()).isNotBlank();
    assertThat(library.threading()).isIn("none", "pthreads", "OpenMP");
    assertThat(library.attempts()).last().matches(Attempt::loaded);
    assertThat(library.attempts()).filteredOn(Attempt::loaded).hasSize(1);
    assertThat(OpenBlasLibrary.load()).isSameAs(library);
  }

  @Test
  void usesOneThread() {
    OpenBlasLibrary.load();

    assertThat(Cblas.openblas_get_num_threads()).isEqualTo(1);
  }

  /** C = alpha A B^T + beta C, rows longer than what they hold, against three loops in double. */
  @Test
  void multipliesLikeALoop() {
    OpenBlasLibrary.load();
    int m = 5;
    int n = 7;
    int k = 3;
    int lda = 4;
    int ldb = 6;
    int ldc = 9;
    float alpha = 0.75f;
    float beta = -0.5f;
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = uniform(arena, random, m * lda);
      MemorySegment b = uniform(arena, random, n * ldb);
      MemorySegment c = uniform(arena, random, m * ldc);
      float[] before = c.toArray(JAVA_FLOAT);

      Cblas.cblas_sgemm(
          Cblas.CblasRowMajor(),
          Cblas.CblasNoTrans(),
          Cblas.CblasTrans(),
          m,
          n,
          k,
          alpha,
          a,
          lda,
          b,
          ldb,
          beta,
          c,
          ldc);

      for (int i = 0; i < m; i++) {
        for (int j = 0; j < ldc; j++) {
          double expected = before[i * ldc + j];
          if (j < n) {
            double product = 0;
            for (int p = 0; p < k; p++) {
              product += (double) at(a, i * lda + p) * at(b, j * ldb + p);
            }
            expected = alpha * product + beta * expected;
          }
          assertThat((double) at(c, i * ldc + j))
              .as("c[%d][%d], seed %d", i, j, seed)
              .isCloseTo(expected, within(1e-6));
        }
      }
    }
  }

  private static float at(MemorySegment floats, int index) {
    return floats.getAtIndex(JAVA_FLOAT, index);
  }

  private static MemorySegment uniform(Arena arena, Random random, int length) {
    MemorySegment floats = arena.allocate(JAVA_FLOAT, length);
    for (int i = 0; i < length; i++) {
      floats.setAtIndex(JAVA_FLOAT, i, random.nextFloat(-1, 1));
    }
    return floats;
  }
}
