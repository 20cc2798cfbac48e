package dev.culebra.runtime.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Stored floating-point numbers as float32.
 *
 * <p>F16 and BF16 values are float32 values too, so these conversions are exact. F64 is rounded to
 * the nearest float32, ties to even.
 */
final class FloatConversion {
  /** The value of {@link #widen} when every number fits. */
  static final long ALL_FIT = -1;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat OUT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private FloatConversion() {}

  /** Whether {@link #widen} knows the type. */
  static boolean isFloat(StoredType type) {
    return switch (type) {
      case F16, BF16, F32, F64 -> true;
      default -> false;
    };
  }

  /**
   * Converts n elements.
   *
   * @param type F16, BF16, F32 or F64
   * @param from the stored elements, little-endian, at any alignment
   * @param to room for n float32 in the machine's byte order
   * @return {@link #ALL_FIT}, or the index of the first finite F64 beyond float32's range, where
   *     the conversion stopped
   */
  static long widen(StoredType type, MemorySegment from, MemorySegment to, long n) {
    switch (type) {
      case F32 -> MemorySegment.copy(from, FLOAT, 0, to, OUT, 0, n);
      case F16 -> {
        for (long i = 0; i < n; i++) {
          to.setAtIndex(OUT, i, Float.float16ToFloat(from.getAtIndex(SHORT, i)));
        }
      }
      case BF16 -> {
        for (long i = 0; i < n; i++) {
          to.setAtIndex(OUT, i, Float.intBitsToFloat(from.getAtIndex(SHORT, i) << 16));
        }
      }
      case F64 -> {
        for (long i = 0; i < n; i++) {
          double value = from.getAtIndex(DOUBLE, i);
          float rounded = (float) value;
          if (Float.isInfinite(rounded) && !Double.isInfinite(value)) {
            return i;
          }
          to.setAtIndex(OUT, i, rounded);
        }
      }
      default -> throw new IllegalArgumentException(type + " holds no floating-point numbers");
    }
    return ALL_FIT;
  }
}
