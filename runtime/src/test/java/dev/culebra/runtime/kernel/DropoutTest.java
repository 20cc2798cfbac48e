package dev.culebra.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class DropoutTest {

  private static final int DRAWS = 1 << 16;

  /** Four standard deviations of a share of {@link #DRAWS} fair coins. */
  private static final double FAIR = 4 * 0.5 / 256;

  @Test
  void keepsTheShareThatTheRateLeaves() {
    for (float rate : new float[] {0, 0.1f, 0.5f, 0.9f}) {
      Dropout dropout = new Dropout(rate, 3);
      int kept = 0;
      for (int i = 0; i < DRAWS; i++) {
        kept += dropout.keeps(17, i) ? 1 : 0;
      }
      assertThat((double) kept / DRAWS).isCloseTo(1 - rate, within(FAIR));
    }
    assertThat(new Dropout(0, 0).threshold()).isZero();
    assertThat(new Dropout(0.5f, 0).threshold()).isEqualTo(Integer.MIN_VALUE);
  }

  /** Masks of neighbours agree on half of the values: in the index, the stream and the seed. */
  @Test
  void masksOfNeighboursAreIndependent() {
    for (int seed : new int[] {0, 1, -1, 12345}) {
      assertThat(agreement(seed, 0, seed, 0, 1)).isCloseTo(0.5, within(FAIR));
      assertThat(agreement(seed, 0, seed, 1, 0)).isCloseTo(0.5, within(FAIR));
      assertThat(agreement(seed, 5, seed + 1, 5, 0)).isCloseTo(0.5, within(FAIR));
      assertThat(agreement(seed, 5, seed, 5, 1L << 32)).isCloseTo(0.5, within(FAIR));
    }
  }

  private static double agreement(int seedA, int streamA, int seedB, int streamB, long offset) {
    Dropout a = new Dropout(0.5f, streamA);
    Dropout b = new Dropout(0.5f, streamB);
    int equal = 0;
    for (int i = 0; i < DRAWS; i++) {
      equal += a.keeps(seedA, i) == b.keeps(seedB, i + offset) ? 1 : 0;
    }
    return (double) equal / DRAWS;
  }

  /** One bit of the input turns each bit of the output in half of the cases. */
  @Test
  void everyInputBitReachesEveryOutputBit() {
    int samples = 4096;
    double allowed = 5 * 0.5 / 64;
    for (int in = 0; in < 32; in++) {
      int[] turned = new int[32];
      for (int i = 0; i < samples; i++) {
        int index = i * 0x9e3779b1;
        int difference = RandomBits.of(7, 1, index) ^ RandomBits.of(7, 1, index ^ 1L << in);
        for (int out = 0; out < 32; out++) {
          turned[out] += difference >>> out & 1;
        }
      }
      for (int out = 0; out < 32; out++) {
        assertThat((double) turned[out] / samples)
            .as("index bit %d to bit %d", in, out)
            .isCloseTo(0.5, within(allowed));
      }
    }
  }

  @Test
  void refusesRatesOutsideItsRange() {
    for (float rate : new float[] {-0.1f, 1, Float.NaN}) {
      assertThatThrownBy(() -> new Dropout(rate, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be in [0, 1)");
    }
  }
}
