package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Cross entropy, row by row: a row is read for its maximum, replaced by exponentials, which are
 * summed, and these by gradients; the last two times it comes from cache.
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
    long end = at + classes;
    double ofTarget = Floats.get(z, at + label);
    double ofAll = smoothing > 0 ? sum(z, at, end) : 0;
    float max = Softmax.max(z, at, end);
    double sum =
        gradient ? Softmax.exponentials(z, at, end, max) : Softmax.sumOfExp(z, at, end, max);
    double logSumExp = max + Math.log(sum);
    double loss =
        logSumExp
            - (1 - smoothing) * ofTarget
            - smoothing / classes * ofAll
            + options.zLoss() * logSumExp * logSumExp;
    if (gradient) {
      // d loss / d z = (1 + 2 y lse) softmax(z) - s / V - (1 - s) [t]
      double weight = factor * (1 + 2 * options.zLoss() * logSumExp) / sum;
      gradient(z, at, end, (float) weight, -factor * smoothing / classes);
      Floats.set(z, at + label, Floats.get(z, at + label) - factor * (1 - smoothing));
    }
    return (float) loss;
  }

  private static float sum(MemorySegment z, long from, long to) {
    FloatVector sum = Floats.zero();
    long i = from;
    for (; i <= to - Floats.LANES; i += Floats.LANES) {
      sum = sum.add(Floats.load(z, i));
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      sum = sum.add(Floats.load(z, i, mask), mask);
    }
    return Floats.sum(sum);
  }

  /** z = weight z + constant. */
  private static void gradient(MemorySegment z, long from, long to, float weight, float constant) {
    FloatVector w = Floats.broadcast(weight);
    FloatVector c = Floats.broadcast(constant);
    long i = from;
    for (; i <= to - Floats.LANES; i += Floats.LANES) {
      Floats.store(Floats.load(z, i).fma(w, c), z, i);
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      Floats.store(Floats.load(z, i, mask).fma(w, c), z, i, mask);
    }
  }
}
