package dev.culebra.models.nn;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.tensor.AttentionFunctions.Rotation;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and values of the rows a decoder has seen, so that generation computes each row once.
 *
 * <p>One sequence. A forward pass over n rows writes rows {@code length} to {@code length + n} of
 * every layer and sees all rows so far; {@link #advance} then makes them part of the past.
 */
public final class KvCache implements AutoCloseable {

  private final TransformerShape shape;
  private final int context;
  private final Buffer memory;
  private final Buffer rows;
  private final long keyWidth;
  private int length;

  /**
   * An empty cache.
   *
   * @param layers of the decoder
   * @param context most rows
   */
  public KvCache(Device device, TransformerShape shape, int layers, int context) {
    this.shape = shape;
    this.context = context;
    this.keyWidth = (long) shape.kvHeads() * shape.headSize();
    long size = 2L * layers * context * keyWidth;
    try (Acquired acquired = new Acquired()) {
      this.memory = acquired.add(device.allocate("keys and values", device.computeType(), size));
      this.rows = acquired.add(device.allocate("row numbers", DType.I32, context));
      acquired.keep();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(rows.bytes(), 64);
      for (int i = 0; i < context; i++) {
        host.setAtIndex(ValueLayout.JAVA_INT, i, i);
      }
      device.upload(rows, host);
    }
  }

  /** Rows seen so far. */
  public int length() {
    return length;
  }

  /** Forgets everything. */
  public void clear() {
    length = 0;
  }

  /** Makes the last {@code count} rows part of the past. */
  public void advance(int count) {
    if (length + count > context) {
      throw new IllegalStateException(
          length + " + " + count + " rows do not fit a context of " + context);
    }
    length += count;
  }

  /** Stores the keys and values of {@code qkv} and attends over all rows of {@code layer}. */
  Tensor attend(Tape tape, int layer, Tensor qkv, Intervals intervals, Rotation turn) {
    Kernels kernels = tape.kernels();
    long n = qkv.rows();
    Attention attention = shape.attention(n, length + n);
    long queryWidth = (long) shape.heads() * shape.headSize();
    Matrix q = qkv.matrix().columns(0, queryWidth);
    Matrix k = qkv.matrix().columns(queryWidth, keyWidth);
    Matrix v = qkv.matrix().columns(queryWidth + keyWidth, keyWidth);
    if (turn != null) {
      kernels.rotary(q, shape.headSize(), turn.position(), turn.table(), false);
      kernels.rotary(k, shape.headSize(), turn.position(), turn.table(), false);
    }
    Matrix keys = part(2L * layer);
    Matrix values = part(2L * layer + 1);
    kernels.gatherRows(keys.rows(length, n), k, rows.slice(0, n), false);
    kernels.gatherRows(values.rows(length, n), v, rows.slice(0, n), false);
    Tensor out = tape.tensor("attention", n, queryWidth);
    Buffer logSumExp = tape.floats("log-sum-exp", shape.heads() * n);
    kernels.attention(
        attention,
        out.matrix(),
        logSumExp,
        q,
        keys.rows(0, length + n),
        values.rows(0, length + n),
        intervals,
        AttentionOptions.NONE);
    logSumExp.release();
    return out;
  }

  private Matrix part(long index) {
    long size = context * keyWidth;
    return Matrix.of(memory.slice(index * size, size), context, keyWidth);
  }

  /** Frees the memory. */
  @Override
  public void close() {
    if (memory.alive()) {
      memory.release();
      rows.release();
    }
  }
}
