package dev.culebra.runtime.cpu;

import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.RelativeBias;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/** Bias and dropout of one attention, for runs of scores that belong to one row. */
final class ScoreOptions {

  private final RelativeBias bias;
  private final Dropout dropout;
  private final MemorySegment table;
  private final int seed;
  private final long queries;

  ScoreOptions(Attention attention, AttentionOptions options) {
    bias = options.bias();
    dropout = options.dropout();
    table = bias == null ? null : bias.table().memory();
    seed =
        dropout == null
            ? 0
            : options.stepValues().memory().getAtIndex(ValueLayout.JAVA_INT, StepValues.SEED);
    queries = attention.queries();
  }

  /**
   * Adds the bias, if there is one, to {@code count} scores of a row, of keys from {@code key} on.
   */
  void addBias(MemorySegment scores, long at, long head, long row, long key, long count) {
    if (bias == null) {
      return;
    }
    long values = head * bias.distances();
    long near = Math.clamp(row + bias.offset() - bias.radius() - key, 0, count);
    long far = Math.clamp(row + bias.offset() + bias.radius() + 1 - key, near, count);
    add(scores, at, near, Floats.get(table, values));
    addRun(scores, at + near, values + bias.index(row, key + near), far - near);
    add(scores, at + far, count - far, Floats.get(table, values + 2L * bias.radius()));
  }

  private static void add(MemorySegment scores, long at, long count, float value) {
    for (long i = 0; i < count; i++) {
      Floats.set(scores, at + i, Floats.get(scores, at + i) + value);
    }
  }

  private void addRun(MemorySegment scores, long at, long from, long count) {
    long i = 0;
    for (; i <= count - Floats.LANES; i += Floats.LANES) {
      FloatVector sum = Floats.load(scores, at + i).add(Floats.load(table, from + i));
      Floats.store(sum, scores, at + i);
    }
    for (; i < count; i++) {
      Floats.set(scores, at + i, Floats.get(scores, at + i) + Floats.get(table, from + i));
    }
  }

  /**
   * Drops {@code count} probabilities of a row, of keys from {@code key} on, and scales the others;
   * nothing without dropout.
   */
  void drop(MemorySegment p, long at, long head, long row, long key, long count) {
    if (dropout == null) {
      return;
    }
    float scale = dropout.scale();
    for (long i = 0; i < count; i++) {
      long index = AttentionOptions.dropoutIndex(queries, head, row, key + i);
      Floats.set(p, at + i, dropout.keeps(seed, index) ? Floats.get(p, at + i) * scale : 0);
    }
  }
}
