package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Operations that work element by element: moving, scaling, activations. */
final class CpuElementwise {

  private final CpuPool pool;

  CpuElementwise(CpuPool pool) {
    this.pool = pool;
  }

  void fill(Buffer x, float value) {
    MemorySegment memory = Contract.f32("fill", "x", x);
    pool.rows(
        x.length(),
        Pieces.ELEMENTS,
        (from, to, thread) -> fill(memory, from, Math.toIntExact(to - from), value));
  }

  void copy(Buffer y, Buffer x) {
    if (y.dtype() != x.dtype() || y.length() != x.length()) {
      throw Contract.wrong("copy", y + " cannot take " + x);
    }
    MemorySegment target = y.memory();
    MemorySegment source = x.memory();
    long piece = Pieces.ELEMENTS * Float.BYTES;
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
        Pieces.ELEMENTS,
        (from, to, thread) -> {
          int count = Math.toIntExact(to - from);
          if (b == 0) {
            scale(target, a, source, from, count);
          } else {
            axpby(target, a, source, b, from, count);
          }
        });
  }

  void geluBackward(Buffer dx, Buffer dy, Buffer x) {
    MemorySegment target = Contract.f32("geluBackward", "dx", dx);
    MemorySegment upper = Contract.f32("geluBackward", "dy", dy, dx.length());
    MemorySegment input = Contract.f32("geluBackward", "x", x, dx.length());
    pool.rows(
        dx.length(),
        Pieces.ELEMENTS,
        (from, to, thread) -> geluBackward(target, upper, input, from, Math.toIntExact(to - from)));
  }

  void swiglu(Matrix y, Matrix x) {
    int cols = Math.toIntExact(y.cols());
    MemorySegment target = Contract.f32("swiglu", "y", y);
    MemorySegment input = Contract.f32("swiglu", "x", x, y.rows(), 2L * cols);
    pool.rows(
        y.rows(),
        Pieces.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            swiglu(target, i * y.stride(), input, i * x.stride(), cols);
          }
        });
  }

  void swigluBackward(Matrix dx, Matrix dy, Matrix x) {
    int cols = Math.toIntExact(dy.cols());
    MemorySegment target = Contract.f32("swigluBackward", "dx", dx, dy.rows(), 2L * cols);
    MemorySegment upper = Contract.f32("swigluBackward", "dy", dy);
    MemorySegment input = Contract.f32("swigluBackward", "x", x, dy.rows(), 2L * cols);
    pool.rows(
        dy.rows(),
        Pieces.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            swigluBackward(
                target, i * dx.stride(), upper, i * dy.stride(), input, i * x.stride(), cols);
          }
        });
  }

  void dropout(Dropout dropout, Buffer y, Buffer x, Buffer stepValues) {
    MemorySegment target = Contract.f32("dropout", "y", y);
    MemorySegment source = Contract.f32("dropout", "x", x, y.length());
    MemorySegment values = Contract.f32("dropout", "stepValues", stepValues, StepValues.COUNT);
    int seed = values.getAtIndex(ValueLayout.JAVA_INT, StepValues.SEED);
    float scale = dropout.scale();
    pool.rows(
        y.length(),
        Pieces.ELEMENTS,
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

  private static void geluBackward(
      MemorySegment dx, MemorySegment dy, MemorySegment x, long at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(Floats.geluSlope(load(x, at + i)).mul(load(dy, at + i)), dx, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector slope = Floats.geluSlope(load(x, at + i, mask));
      store(slope.mul(load(dy, at + i, mask)), dx, at + i, mask);
    }
  }

  private static void swiglu(MemorySegment y, long yAt, MemorySegment x, long xAt, int cols) {
    long uAt = xAt + cols;
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(Floats.silu(load(x, xAt + j)).mul(load(x, uAt + j)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(Floats.silu(load(x, xAt + j, mask)).mul(load(x, uAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void swigluBackward(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector g = load(x, xAt + j);
      FloatVector u = load(x, xAt + cols + j);
      FloatVector d = load(dy, dyAt + j);
      FloatVector s = Floats.sigmoid(g);
      store(Floats.siluSlope(g, s).mul(u).mul(d), dx, dxAt + j);
      store(g.mul(s).mul(d), dx, dxAt + cols + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector g = load(x, xAt + j, mask);
      FloatVector u = load(x, xAt + cols + j, mask);
      FloatVector d = load(dy, dyAt + j, mask);
      FloatVector s = Floats.sigmoid(g);
      store(Floats.siluSlope(g, s).mul(u).mul(d), dx, dxAt + j, mask);
      store(g.mul(s).mul(d), dx, dxAt + cols + j, mask);
    }
  }
}
