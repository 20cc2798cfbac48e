package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes matrices of floats, square by square of as many rows as a vector has lanes.
 *
 * <p>A square of L x L, read row by row, is a list of L^2 elements; interleaving its halves turns
 * the bits of every index by one place, so that log2 L such passes exchange row and column.
 */
final class Transpose {

  private static final int LANES = Floats.LANES;
  private static final int PASSES = Integer.numberOfTrailingZeros(LANES);

  /** Floats of scratch memory that {@link #transpose} needs. */
  static final int SCRATCH = 2 * LANES * LANES;

  private static final VectorMask<Float> ODD =
      VectorMask.fromLong(Floats.SPECIES, 0xAAAA_AAAA_AAAA_AAAAL);

  /** Lane i of the result is lane i / 2 of the lower half, or of the upper one. */
  private static final VectorShuffle<Float> LOW = VectorShuffle.fromOp(Floats.SPECIES, i -> i / 2);

  private static final VectorShuffle<Float> HIGH =
      VectorShuffle.fromOp(Floats.SPECIES, i -> (i + LANES) / 2);

  private Transpose() {}

  /**
   * y[j, i] = x[i, j]. Offsets and strides count elements.
   *
   * @param rows of x
   * @param cols of x
   * @param scratch {@link #SCRATCH} floats
   */
  static void transpose(
      MemorySegment x,
      long at,
      long stride,
      long rows,
      long cols,
      MemorySegment y,
      long targetAt,
      long targetStride,
      MemorySegment scratch) {
    long i = 0;
    for (; i <= rows - LANES; i += LANES) {
      long j = 0;
      for (; j <= cols - LANES; j += LANES) {
        square(
            x,
            at + i * stride + j,
            stride,
            y,
            targetAt + j * targetStride + i,
            targetStride,
            scratch);
      }
      plain(
          x,
          at + i * stride + j,
          stride,
          LANES,
          cols - j,
          y,
          targetAt + j * targetStride + i,
          targetStride);
    }
    plain(x, at + i * stride, stride, rows - i, cols, y, targetAt + i, targetStride);
  }

  private static void square(
      MemorySegment x,
      long at,
      long stride,
      MemorySegment y,
      long targetAt,
      long targetStride,
      MemorySegment scratch) {
    long from = 0;
    long to = SCRATCH / 2;
    interleave(x, at, stride, scratch, from, LANES);
    for (int pass = 2; pass < PASSES; pass++) {
      interleave(scratch, from, LANES, scratch, to, LANES);
      long other = from;
      from = to;
      to = other;
    }
    interleave(scratch, from, LANES, y, targetAt, targetStride);
  }

  /** Interleaves row i of the upper half of a square with row i of the lower half. */
  private static void interleave(
      MemorySegment x, long at, long stride, MemorySegment y, long targetAt, long targetStride) {
    for (long i = 0; i < LANES / 2; i++) {
      FloatVector a = Floats.load(x, at + i * stride);
      FloatVector b = Floats.load(x, at + (i + LANES / 2) * stride);
      long row = targetAt + 2 * i * targetStride;
      Floats.store(a.rearrange(LOW).blend(b.rearrange(LOW), ODD), y, row);
      Floats.store(a.rearrange(HIGH).blend(b.rearrange(HIGH), ODD), y, row + targetStride);
    }
  }

  private static void plain(
      MemorySegment x,
      long at,
      long stride,
      long rows,
      long cols,
      MemorySegment y,
      long targetAt,
      long targetStride) {
    for (long j = 0; j < cols; j++) {
      for (long i = 0; i < rows; i++) {
        Floats.set(y, targetAt + j * targetStride + i, Floats.get(x, at + i * stride + j));
      }
    }
  }
}
