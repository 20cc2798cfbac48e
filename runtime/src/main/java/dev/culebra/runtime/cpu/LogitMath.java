package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The passes over rows of scores that a contrastive loss is made of. Logits are factor times
 * scores; a score of -infinity is masked. Rows are whole vectors long; offsets count elements.
 */
final class LogitMath {

  /** Takes the place of -infinity where a probability of 0 is multiplied with it. */
  private static final FloatVector LEAST = Floats.broadcast(-Float.MAX_VALUE);

  private LogitMath() {}

  /** What differences are taken from: of masked scores alone, from 0. */
  private static float shift(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0 : max;
  }

  /** Adds a row of scores to the log-sum-exp {@code at} in max and sum. */
  static void addRow(
      MemorySegment z,
      long from,
      long to,
      float factor,
      MemorySegment max,
      MemorySegment sum,
      long at) {
    float old = Floats.get(max, at);
    float largest = Math.max(old, factor * Softmax.max(z, from, to));
    float shift = shift(largest);
    FloatVector factors = Floats.broadcast(factor);
    FloatVector shifts = Floats.broadcast(shift);
    FloatVector exponentials = Floats.zero();
    for (long i = from; i < to; i += LANES) {
      exponentials =
          exponentials.add(Floats.expBelow88(Floats.load(z, i).mul(factors).sub(shifts)));
    }
    Floats.set(sum, at, Floats.get(sum, at) * Floats.exp(old - shift) + Floats.sum(exponentials));
    Floats.set(max, at, largest);
  }

  /**
   * Adds {@code rows} rows of scores to the log-sum-exps of {@code cols} columns from {@code col}
   * on, which are those from {@code at} on in max and sum.
   *
   * @param largest scratch for as many floats as columns
   */
  static void addColumns(
      View z,
      long rows,
      long col,
      long cols,
      float factor,
      MemorySegment max,
      MemorySegment sum,
      long at,
      MemorySegment largest) {
    FloatVector factors = Floats.broadcast(factor);
    View.copy(largest, 0, max, at, cols);
    for (long i = 0; i < rows; i++) {
      long row = z.at(i, col);
      for (long j = 0; j < cols; j += LANES) {
        FloatVector logit = Floats.load(z.data(), row + j).mul(factors);
        Floats.store(Floats.load(largest, j).max(logit), largest, j);
      }
    }
    for (long j = 0; j < cols; j++) {
      float now = Floats.get(largest, j);
      float old = Floats.get(max, at + j);
      Floats.set(sum, at + j, Floats.get(sum, at + j) * Floats.exp(old - shift(now)));
      Floats.set(max, at + j, now);
      Floats.set(largest, j, shift(now));
    }
    for (long i = 0; i < rows; i++) {
      long row = z.at(i, col);
      for (long j = 0; j < cols; j += LANES) {
        FloatVector shifted =
            Floats.load(z.data(), row + j).mul(factors).sub(Floats.load(largest, j));
        FloatVector so = Floats.load(sum, at + j);
        Floats.store(so.add(Floats.expBelow88(shifted)), sum, at + j);
      }
    }
  }

  /** p = share exp(factor z - lse). */
  static void probabilities(
      MemorySegment p, MemorySegment z, long at, long cols, float factor, float lse, float share) {
    FloatVector factors = Floats.broadcast(factor);
    FloatVector shifts = Floats.broadcast(lse);
    for (long j = 0; j < cols; j += LANES) {
      FloatVector shifted = Floats.load(z, at + j).mul(factors).sub(shifts);
      Floats.store(Floats.expBelow88(shifted).mul(share), p, j);
    }
  }

  /** p[j] += share exp(factor z[at + j] - lse[col + j]). */
  static void addColumnProbabilities(
      MemorySegment p,
      MemorySegment z,
      long at,
      long cols,
      float factor,
      MemorySegment lse,
      long col,
      float share) {
    FloatVector factors = Floats.broadcast(factor);
    FloatVector shares = Floats.broadcast(share);
    for (long j = 0; j < cols; j += LANES) {
      FloatVector shifted = Floats.load(z, at + j).mul(factors).sub(Floats.load(lse, col + j));
      FloatVector sum = Floats.expBelow88(shifted).fma(shares, Floats.load(p, j));
      Floats.store(sum, p, j);
    }
  }

  /**
   * w = factor p; returns the sum of p times the scores, each of which stands in z or c, or in both
   * unless it is masked there. In place: w may be z.
   */
  static float gradient(
      MemorySegment w,
      long wAt,
      MemorySegment p,
      MemorySegment z,
      MemorySegment c,
      long zAt,
      long cols,
      float factor) {
    FloatVector factors = Floats.broadcast(factor);
    FloatVector sum = Floats.zero();
    for (long j = 0; j < cols; j += LANES) {
      FloatVector of = Floats.load(p, j);
      FloatVector score = Floats.load(z, zAt + j).max(Floats.load(c, zAt + j)).max(LEAST);
      sum = score.fma(of, sum);
      Floats.store(of.mul(factors), w, wAt + j);
    }
    return Floats.sum(sum);
  }
}
