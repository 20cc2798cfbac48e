package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The passes over a row of scores that the sigmoid loss of its negatives is made of. Logits are
 * factor times scores plus shift; a score of -infinity is masked. Rows are whole vectors long.
 */
final class SigmoidMath {

  private static final FloatVector ONE = Floats.broadcast(1);
  private static final FloatVector TWO = Floats.broadcast(2);

  /** 2 / 3, 2 / 5, ... 2 / 13: the series of 2 artanh t, up to a relative 1e-8 for t <= 1/3. */
  private static final FloatVector[] ARTANH = new FloatVector[6];

  static {
    for (int i = 0; i < ARTANH.length; i++) {
      ARTANH[i] = Floats.broadcast(2f / (2 * i + 3));
    }
  }

  private SigmoidMath() {}

  /** log(1 + e^x). */
  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** 1 / (1 + e^-x). */
  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** log(1 + e) = 2 artanh(e / (2 + e)) for e in 0..1, small ones to their last bits. */
  private static FloatVector log1p(FloatVector e) {
    FloatVector t = e.div(e.add(TWO));
    FloatVector square = t.mul(t);
    FloatVector series = ARTANH[ARTANH.length - 1];
    for (int i = ARTANH.length - 2; i >= 0; i--) {
      series = series.fma(square, ARTANH[i]);
    }
    return series.fma(square, TWO).mul(t);
  }

  /** The sum of log(1 + exp(logit)); leaves exp(-|logit|) in e. */
  static double losses(
      MemorySegment e, MemorySegment z, long at, long cols, float factor, float shift) {
    FloatVector factors = Floats.broadcast(factor);
    FloatVector shifts = Floats.broadcast(shift);
    FloatVector sum = Floats.zero();
    for (long j = 0; j < cols; j += LANES) {
      FloatVector logit = Floats.load(z, at + j).fma(factors, shifts);
      FloatVector small = Floats.expBelow88(logit.abs().neg());
      Floats.store(small, e, j);
      sum = sum.add(logit.max(Floats.zero()).add(log1p(small)));
    }
    return Floats.sum(sum);
  }

  /** Replaces exp(-|logit|) in e by sigmoid(logit); returns the sum. */
  static float slopes(
      MemorySegment e, MemorySegment z, long at, long cols, float factor, float shift) {
    FloatVector factors = Floats.broadcast(factor);
    FloatVector shifts = Floats.broadcast(shift);
    FloatVector sum = Floats.zero();
    for (long j = 0; j < cols; j += LANES) {
      FloatVector small = Floats.load(e, j);
      VectorMask<Float> likely = Floats.load(z, at + j).fma(factors, shifts).lt(0).not();
      FloatVector sigmoid = small.blend(ONE, likely).div(small.add(ONE));
      Floats.store(sigmoid, e, j);
      sum = sum.add(sigmoid);
    }
    return Floats.sum(sum);
  }
}
