package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Gumbel;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Tokens drawn from the softmax of rows of logits. */
final class CpuSampling {

  private final CpuPool pool;

  CpuSampling(CpuPool pool) {
    this.pool = pool;
  }

  void sampleRows(
      Buffer ids,
      Buffer replaced,
      Matrix logits,
      Buffer position,
      Buffer target,
      int stream,
      long first,
      Buffer stepValues) {
    long places = ids.length();
    MemorySegment drawn = Contract.i32("sampleRows", "ids", ids, places);
    MemorySegment differs = Contract.i32("sampleRows", "replaced", replaced, places);
    MemorySegment scores = Contract.f32("sampleRows", "logits", logits);
    MemorySegment at = Contract.i32("sampleRows", "position", position, logits.rows());
    MemorySegment wanted = Contract.i32("sampleRows", "target", target, logits.rows());
    MemorySegment values = Contract.f32("sampleRows", "stepValues", stepValues, StepValues.COUNT);
    int seed = values.getAtIndex(ValueLayout.JAVA_INT, StepValues.SEED);
    int cols = Math.toIntExact(logits.cols());
    pool.rows(
        logits.rows(),
        Grain.rows(16L * cols), // a draw costs many times what a value moved does
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            int place = at.getAtIndex(ValueLayout.JAVA_INT, i);
            if (place >= 0) {
              int id = draw(scores, i * logits.stride(), cols, seed, stream, (int) (first + i));
              drawn.setAtIndex(ValueLayout.JAVA_INT, place, id);
              boolean hit = id == wanted.getAtIndex(ValueLayout.JAVA_INT, i);
              differs.setAtIndex(ValueLayout.JAVA_INT, place, hit ? 0 : 1);
            }
          }
        });
  }

  private static int draw(
      MemorySegment scores, long offset, int cols, int seed, int stream, int row) {
    int best = 0;
    float highest = Float.NEGATIVE_INFINITY;
    for (int j = 0; j < cols; j++) {
      float score = Floats.get(scores, offset + j) + Gumbel.of(seed, stream, row, j);
      if (score > highest) {
        highest = score;
        best = j;
      }
    }
    return best;
  }
}
