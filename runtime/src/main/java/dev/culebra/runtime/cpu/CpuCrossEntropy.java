package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Cross entropy, row by row: a row is read for its maximum, then for the sum of its exponentials,
 * then rewritten; the last two times it comes from cache.
 *
 * <p>A logit of -infinity has probability 0; +infinity and NaN make the row's loss and gradient
 * NaN.
 */
final class CpuCrossEntropy {

  private static final String NAME = "crossEntropy";

  /** Elements per task: enough to hide the cost of a task, few enough for many threads. */
  private static final long TASK_ELEMENTS = 1 << 15;

  private final CpuPool pool;

  CpuCrossEntropy(CpuPool pool) {
    this.pool = pool;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#crossEntropy}. */
  void crossEntropy(CrossEntropy options, Buffer loss, Matrix logits, Buffer target, Buffer scale) {
    MemorySegment z = Contract.f32(NAME, "logits", logits);
    MemorySegment losses = Contract.f32(NAME, "loss", loss, logits.rows());
    MemorySegment targets = Contract.i32(NAME, "target", target, logits.rows());
    boolean gradient = scale != null;
    float factor = gradient ? Floats.get(Contract.f32(NAME, "scale", scale, 1), 0) : 0;
    long classes = logits.cols();
    checkTargets(targets, logits.rows(), classes);
    long piece = Math.max(1, TASK_ELEMENTS / Math.max(1, classes));
    pool.rows(
        logits.rows(),
        piece,
        (from, to, _) -> {
          for (long row = from; row < to; row++) {
            long at = row * logits.stride();
            int label = targets.getAtIndex(ValueLayout.JAVA_INT, row);
            float value = row(options, z, at, classes, label, gradient, factor);
            Floats.set(losses, row, value);
          }
        });
  }

  private static void checkTargets(MemorySegment targets, long rows, long classes) {
    for (long row = 0; row < rows; row++) {
      int label = targets.getAtIndex(ValueLayout.JAVA_INT, row);
      if ((label < 0 || label >= classes) && label != CrossEntropy.IGNORE) {
        throw Contract.wrong(
            NAME,
            "the target of row "
                + row
                + " is "
                + label
                + ", not one of "
                + classes
                + " classes and not "
                + CrossEntropy.IGNORE);
      }
    }
  }

  /** The loss of the row at {@code at}; its logits become gradients if asked. */
  private static float row(
      CrossEntropy options,
      MemorySegment z,
      long at,
      long classes,
      int label,
      boolean gradient,
      float factor) {
    if (label == CrossEntropy.IGNORE) {
      if (gradient) {
        z.asSlice(at * Float.BYTES, classes * Float.BYTES).fill((byte) 0);
      }
      return 0;
    }
    float smoothing = options.labelSmoothing();
    float max = max(z, at, classes);
    double sum = sumOfExp(z, at, classes, max);
    double logSumExp = max + Math.log(sum);
    double loss =
        logSumExp
            - (1 - smoothing) * (double) Floats.get(z, at + label)
            + options.zLoss() * logSumExp * logSumExp;
    if (smoothing > 0) {
      loss -= smoothing / classes * sum(z, at, classes);
    }
    if (gradient) {
      // d loss / d z = (1 + 2 y lse) softmax(z) - s / V - (1 - s) [t]
      double weight = factor * (1 + 2 * options.zLoss() * logSumExp) / sum;
      float constant = -factor * smoothing / classes;
      gradient(z, at, classes, max, (float) weight, constant);
      Floats.set(z, at + label, Floats.get(z, at + label) - factor * (1 - smoothing));
    }
    return (float) loss;
  }

  private static float max(MemorySegment z, long at, long count) {
    FloatVector max = Floats.broadcast(Float.NEGATIVE_INFINITY);
    FloatVector other = max;
    long i = at;
    long end = at + count;
    for (; i <= end - 2 * Floats.LANES; i += 2 * Floats.LANES) {
      max = max.max(Floats.load(z, i));
      other = other.max(Floats.load(z, i + Floats.LANES));
    }
    max = max.max(other);
    for (; i < end; i += Floats.LANES) {
      VectorMask<Float> mask = Floats.tail(i, end);
      max = max.lanewise(VectorOperators.MAX, Floats.load(z, i, mask), mask);
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static float sumOfExp(MemorySegment z, long at, long count, float max) {
    FloatVector sum = Floats.zero();
    FloatVector other = sum;
    long i = at;
    long end = at + count;
    for (; i <= end - 2 * Floats.LANES; i += 2 * Floats.LANES) {
      sum = sum.add(Floats.exp(Floats.load(z, i).sub(max)));
      other = other.add(Floats.exp(Floats.load(z, i + Floats.LANES).sub(max)));
    }
    sum = sum.add(other);
    for (; i < end; i += Floats.LANES) {
      VectorMask<Float> mask = Floats.tail(i, end);
      sum = sum.add(Floats.exp(Floats.load(z, i, mask).sub(max)), mask);
    }
    return Floats.sum(sum);
  }

  private static float sum(MemorySegment z, long at, long count) {
    FloatVector sum = Floats.zero();
    long i = at;
    long end = at + count;
    for (; i <= end - Floats.LANES; i += Floats.LANES) {
      sum = sum.add(Floats.load(z, i));
    }
    if (i < end) {
      VectorMask<Float> mask = Floats.tail(i, end);
      sum = sum.add(Floats.load(z, i, mask), mask);
    }
    return Floats.sum(sum);
  }

  /** z = weight exp(z - max) + constant. */
  private static void gradient(
      MemorySegment z, long at, long count, float max, float weight, float constant) {
    FloatVector w = Floats.broadcast(weight);
    FloatVector c = Floats.broadcast(constant);
    long i = at;
    long end = at + count;
    for (; i <= end - Floats.LANES; i += Floats.LANES) {
      Floats.store(Floats.exp(Floats.load(z, i).sub(max)).fma(w, c), z, i);
    }
    if (i < end) {
      VectorMask<Float> mask = Floats.tail(i, end);
      Floats.store(Floats.exp(Floats.load(z, i, mask).sub(max)).fma(w, c), z, i, mask);
    }
  }
}
