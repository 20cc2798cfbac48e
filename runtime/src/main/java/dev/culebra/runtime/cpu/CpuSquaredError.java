package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The mean squared error of rows, and its gradient. */
final class CpuSquaredError {

  private static final String NAME = "squaredError";

  private final CpuPool pool;

  CpuSquaredError(CpuPool pool) {
    this.pool = pool;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#squaredError}. */
  void squaredError(Buffer loss, Matrix prediction, Matrix target, Buffer weight, Buffer scale) {
    long rows = prediction.rows();
    int cols = Math.toIntExact(prediction.cols());
    MemorySegment losses = Contract.f32(NAME, "loss", loss, rows);
    MemorySegment p = Contract.f32(NAME, "prediction", prediction);
    MemorySegment t = Contract.f32(NAME, "target", target, rows, cols);
    MemorySegment w = weight == null ? null : Contract.f32(NAME, "weight", weight, rows);
    boolean gradient = scale != null;
    float factor = gradient ? Floats.get(Contract.f32(NAME, "scale", scale, 1), 0) : 0;
    pool.rows(
        rows,
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            float share = (w == null ? 1 : Floats.get(w, i)) / Math.max(1, cols);
            long at = i * prediction.stride();
            float squares = squares(p, at, t, i * target.stride(), cols);
            Floats.set(losses, i, share * squares);
            if (gradient) {
              gradient(p, at, t, i * target.stride(), cols, 2 * factor * share);
            }
          }
        });
  }

  // Inner loops, over one row

  /** The sum of (p - t)^2. */
  private static float squares(MemorySegment p, long pAt, MemorySegment t, long tAt, int cols) {
    FloatVector sum = Floats.zero();
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector d = load(p, pAt + j).sub(load(t, tAt + j));
      sum = d.fma(d, sum);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector d = load(p, pAt + j, mask).sub(load(t, tAt + j, mask));
      sum = d.fma(d, sum);
    }
    return Floats.sum(sum);
  }

  /** p = factor (p - t). */
  private static void gradient(
      MemorySegment p, long pAt, MemorySegment t, long tAt, int cols, float factor) {
    FloatVector times = Floats.broadcast(factor);
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(p, pAt + j).sub(load(t, tAt + j)).mul(times), p, pAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(load(p, pAt + j, mask).sub(load(t, tAt + j, mask)).mul(times), p, pAt + j, mask);
    }
  }
}
