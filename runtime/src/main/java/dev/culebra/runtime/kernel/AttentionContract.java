package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;

/**
 * Checks of an attention's arguments, the same on every device. What the intervals hold is the
 * device's to check, if it can.
 *
 * @param operation named by every complaint
 * @param attention the shape
 * @param compute the device's compute type
 */
public record AttentionContract(String operation, Attention attention, DType compute) {

  /** Queries or keys: I32 counts them, and a tile of a kernel may reach behind the last. */
  private static final long MOST_ROWS = Integer.MAX_VALUE - 1023;

  /** A matrix with a row of all heads for each query. */
  public void queries(String what, Matrix x) {
    long cols = (long) attention.heads() * attention.headSize();
    Contract.matrix(operation, what, x, compute, attention.queries(), cols);
  }

  /** A matrix with a row of all key heads for each key. */
  public void keys(String what, Matrix x) {
    long cols = (long) attention.kvHeads() * attention.headSize();
    Contract.matrix(operation, what, x, compute, attention.keys(), cols);
  }

  /** One value for each head and query; one interval for each query, counted in I32. */
  public void rows(Buffer logSumExp, Intervals intervals) {
    long queries = attention.queries();
    if (Math.max(queries, attention.keys()) > MOST_ROWS) {
      throw Contract.wrong(
          operation,
          queries + " queries and " + attention.keys() + " keys: at most " + MOST_ROWS + " fit");
    }
    Contract.f32(operation, "logSumExp", logSumExp, attention.heads() * queries);
    Contract.i32(operation, "start", intervals.start(), queries);
    Contract.i32(operation, "end", intervals.end(), queries);
  }

  /** A bias table for each head, and the values of the step if there is dropout. */
  public void options(AttentionOptions options) {
    if (options.bias() != null) {
      Contract.f32(operation, "bias", options.bias().table(), tables(options.bias()));
    }
    if (options.dropout() != null) {
      Contract.f32(operation, "stepValues", options.stepValues(), StepValues.COUNT);
    }
  }

  /** The bias's gradient, or null. */
  public void dbias(Buffer dbias, RelativeBias bias) {
    if (dbias == null) {
      return;
    }
    if (bias == null) {
      throw Contract.wrong(operation, "dbias must be null without a bias");
    }
    Contract.f32(operation, "dbias", dbias, tables(bias));
  }

  private long tables(RelativeBias bias) {
    return (long) attention.heads() * bias.distances();
  }
}
