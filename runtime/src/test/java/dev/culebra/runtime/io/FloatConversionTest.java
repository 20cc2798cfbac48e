package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All 65,536 values of each 16-bit type, against the formula of IEEE 754 in float64. */
class FloatConversionTest {
  private static final int VALUES = 1 << 16;

  @ParameterizedTest
  @CsvSource({"F16, 5, 10", "BF16, 8, 7"})
  void widensEveryValueExactly(StoredType type, int exponentBits, int fractionBits) {
    short[] stored = new short[VALUES];
    for (int i = 0; i < VALUES; i++) {
      stored[i] = (short) i;
    }
    float[] widened = new float[VALUES];
    long result =
        FloatConversion.widen(
            type, MemorySegment.ofArray(stored), MemorySegment.ofArray(widened), VALUES);
    assertThat(result).isEqualTo(FloatConversion.ALL_FIT);
    for (int i = 0; i < VALUES; i++) {
      double expected = value(i, exponentBits, fractionBits);
      assertThat(Double.valueOf(widened[i])).as("bits %x", i).isEqualTo(Double.valueOf(expected));
    }
  }

  @Test
  void readsAtAnyAlignment() {
    byte[] stored = {99, 0x00, 0x3c, 0x00, (byte) 0xc0};
    float[] widened = new float[2];
    FloatConversion.widen(
        StoredType.F16,
        MemorySegment.ofArray(stored).asSlice(1),
        MemorySegment.ofArray(widened),
        2);
    assertThat(widened).containsExactly(1f, -2f);
  }

  /**
   * (-1)^s 2^(e-bias) (1 + f/2^p), without the 1 where e is 0; infinity or NaN where it is full.
   */
  private static double value(int bits, int exponentBits, int fractionBits) {
    int full = (1 << exponentBits) - 1;
    int bias = full >> 1;
    int exponent = bits >> fractionBits & full;
    double fraction = (bits & (1 << fractionBits) - 1) * Math.scalb(1.0, -fractionBits);
    double magnitude;
    if (exponent == full) {
      magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
    } else if (exponent == 0) {
      magnitude = Math.scalb(fraction, 1 - bias);
    } else {
      magnitude = Math.scalb(1 + fraction, exponent - bias);
    }
    return bits >> 15 == 0 ? magnitude : -magnitude;
  }
}
