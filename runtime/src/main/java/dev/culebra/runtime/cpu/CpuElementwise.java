package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Operations that work element by element: moving, scaling, dropout, and the epilogues of a
 * product.
 */
final class CpuElementwise {

  private final CpuPool pool;

  CpuElementwise(CpuPool pool) {
    this.pool = pool;
  }

  void fill(Buffer x, float value) {
    MemorySegment memory = Contract.f32("fill", "x", x);
    pool.rows(
        x.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> fill(memory, from, Math.toIntExact(to - from), value));
  }

  void copy(Buffer y, Buffer x) {
    if (y.dtype() != x.dtype() || y.length() != x.length()) {
      throw Contract.wrong("copy", y + " cannot take " + x);
    }
    MemorySegment target = y.memory();
    MemorySegment source = x.memory();
    long piece = Grain.ELEMENTS * Float.BYTES;
    pool.rows(
        x.bytes(),
        piece,
        (from, to, thread) -> MemorySegment.copy(source, from, target, from, to - from));
  }

  void axpby(Buffer y, float a, Buffer x, float b) {
    MemorySegment target = Contract.f32("axpby", "y", y);
    MemorySegment source = Contract.f32("axpby", "x", x, y.length());
    pool.rows(
        y.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> {
          int count = Math.toIntExact(to - from);
          if (b == 0) {
            scale(target, a, source, from, count);
          } else {
            axpby(target, a, source, b, from, count);
          }
        });
  }

  void multiply(Buffer y, Buffer a, Buffer b, boolean accumulate) {
    MemorySegment target = Contract.f32("multiply", "y", y);
    MemorySegment left = Contract.f32("multiply", "a", a, y.length());
    MemorySegment right = Contract.f32("multiply", "b", b, y.length());
    pool.rows(
        y.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> {
          int count = Math.toIntExact(to - from);
          if (accumulate) {
            addProduct(target, left, right, from, count);
          } else {
            multiply(target, left, right, from, count);
          }
        });
  }

  void clamp(Buffer x, float least, float most) {
    MemorySegment memory = Contract.f32("clamp", "x", x);
    if (!(least <= most)) {
      throw Contract.wrong("clamp", "least " + least + " must not be above most " + most);
    }
    pool.rows(
        x.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> clamp(memory, from, Math.toIntExact(to - from), least, most));
  }

  void dropout(Dropout dropout, Buffer y, Buffer x, Buffer stepValues) {
    MemorySegment target = Contract.f32("dropout", "y", y);
    MemorySegment source = Contract.f32("dropout", "x", x, y.length());
    MemorySegment values = Contract.f32("dropout", "stepValues", stepValues, StepValues.COUNT);
    int seed = values.getAtIndex(ValueLayout.JAVA_INT, StepValues.SEED);
    float scale = dropout.scale();
    pool.rows(
        y.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            float value = dropout.keeps(seed, i) ? Floats.get(source, i) * scale : 0;
            Floats.set(target, i, value);
          }
        });
  }

  // Epilogues of a matrix product, on a tile that one thread has just computed

  /**
   * Adds {@code bias} to each row of a tile. Offsets and strides count elements.
   *
   * @param c the tile: row i starts at {@code offset + i * stride}
   * @param bias one value per column, from {@code biasOffset} on
   */
  static void bias(
      MemorySegment c,
      long offset,
      long stride,
      long rows,
      long cols,
      MemorySegment bias,
      long biasOffset) {
    int width = Math.toIntExact(cols);
    for (long i = 0; i < rows; i++) {
      add(c, offset + i * stride, bias, biasOffset, width);
    }
  }

  /**
   * Adds {@code bias}, which may be null, to each row of a tile, keeps that in {@code pre} and
   * applies GELU. Offsets and strides count elements.
   */
  static void biasGelu(
      MemorySegment c,
      long offset,
      long stride,
      long rows,
      long cols,
      MemorySegment bias,
      long biasOffset,
      MemorySegment pre,
      long preOffset,
      long preStride) {
    int width = Math.toIntExact(cols);
    for (long i = 0; i < rows; i++) {
      long row = offset + i * stride;
      long preRow = preOffset + i * preStride;
      if (bias == null) {
        gelu(c, row, pre, preRow, width);
      } else {
        biasGelu(c, row, pre, preRow, bias, biasOffset, width);
      }
    }
  }

  // Inner loops

  private static void fill(MemorySegment x, long at, int count, float value) {
    FloatVector v = Floats.broadcast(value);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(v, x, at + i);
    }
    if (i < count) {
      store(v, x, at + i, tail(i, count));
    }
  }

  private static void scale(MemorySegment y, float a, MemorySegment x, long at, int count) {
    FloatVector factor = Floats.broadcast(a);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(x, at + i).mul(factor), y, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, at + i, mask).mul(factor), y, at + i, mask);
    }
  }

  /** y = a x + b y, for {@code count} elements from {@code at} on. */
  static void axpby(MemorySegment y, float a, MemorySegment x, float b, long at, int count) {
    FloatVector factor = Floats.broadcast(a);
    FloatVector kept = Floats.broadcast(b);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(x, at + i).fma(factor, load(y, at + i).mul(kept)), y, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, at + i, mask).fma(factor, load(y, at + i, mask).mul(kept)), y, at + i, mask);
    }
  }

  private static void add(MemorySegment c, long at, MemorySegment bias, long biasAt, int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(c, at + j).add(load(bias, biasAt + j)), c, at + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(load(c, at + j, mask).add(load(bias, biasAt + j, mask)), c, at + j, mask);
    }
  }

  private static void gelu(MemorySegment c, long at, MemorySegment pre, long preAt, int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector x = load(c, at + j);
      store(x, pre, preAt + j);
      store(Floats.gelu(x), c, at + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector x = load(c, at + j, mask);
      store(x, pre, preAt + j, mask);
      store(Floats.gelu(x), c, at + j, mask);
    }
  }

  private static void biasGelu(
      MemorySegment c,
      long at,
      MemorySegment pre,
      long preAt,
      MemorySegment bias,
      long biasAt,
      int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector x = load(c, at + j).add(load(bias, biasAt + j));
      store(x, pre, preAt + j);
      store(Floats.gelu(x), c, at + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector x = load(c, at + j, mask).add(load(bias, biasAt + j, mask));
      store(x, pre, preAt + j, mask);
      store(Floats.gelu(x), c, at + j, mask);
    }
  }

  private static void multiply(
      MemorySegment y, MemorySegment a, MemorySegment b, long at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(a, at + i).mul(load(b, at + i)), y, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(a, at + i, mask).mul(load(b, at + i, mask)), y, at + i, mask);
    }
  }

  private static void addProduct(
      MemorySegment y, MemorySegment a, MemorySegment b, long at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(a, at + i).fma(load(b, at + i), load(y, at + i)), y, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector factor = load(b, at + i, mask);
      store(load(a, at + i, mask).fma(factor, load(y, at + i, mask)), y, at + i, mask);
    }
  }

  /** Vector minima and maxima keep NaN. */
  private static void clamp(MemorySegment x, long at, int count, float least, float most) {
    FloatVector low = Floats.broadcast(least);
    FloatVector high = Floats.broadcast(most);
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(x, at + i).max(low).min(high), x, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, at + i, mask).max(low).min(high), x, at + i, mask);
    }
  }
}
