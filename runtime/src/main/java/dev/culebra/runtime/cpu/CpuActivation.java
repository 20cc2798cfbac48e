package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/**
 * Activations. Each function has loops of its own: one loop that calls any of them would not be
 * compiled to vector instructions.
 */
final class CpuActivation {

  private final CpuPool pool;

  CpuActivation(CpuPool pool) {
    this.pool = pool;
  }

  void activate(Activation f, Buffer y, Buffer x) {
    MemorySegment target = Contract.f32("activate", "y", y);
    MemorySegment input = Contract.f32("activate", "x", x, y.length());
    pool.rows(
        y.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> apply(f, target, from, input, from, Math.toIntExact(to - from)));
  }

  void activateBackward(Activation f, Buffer dx, Buffer dy, Buffer x) {
    MemorySegment target = Contract.f32("activateBackward", "dx", dx);
    MemorySegment upper = Contract.f32("activateBackward", "dy", dy, dx.length());
    MemorySegment input = Contract.f32("activateBackward", "x", x, dx.length());
    pool.rows(
        dx.length(),
        Grain.ELEMENTS,
        (from, to, thread) ->
            slope(f, target, from, upper, from, input, from, Math.toIntExact(to - from)));
  }

  void gated(Activation f, Matrix y, Matrix x) {
    requireGate("gated", f);
    int cols = Math.toIntExact(y.cols());
    MemorySegment target = Contract.f32("gated", "y", y);
    MemorySegment input = Contract.f32("gated", "x", x, y.rows(), 2L * cols);
    pool.rows(
        y.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long row = i * y.stride();
            long gate = i * x.stride();
            apply(f, target, row, input, gate, cols);
            multiply(target, row, input, gate + cols, cols);
          }
        });
  }

  /** With g the gate and u what it gates: dg = dy f'(g) u, du = f(g) dy. */
  void gatedBackward(Activation f, Matrix dx, Matrix dy, Matrix x) {
    requireGate("gatedBackward", f);
    int cols = Math.toIntExact(dy.cols());
    MemorySegment target = Contract.f32("gatedBackward", "dx", dx, dy.rows(), 2L * cols);
    MemorySegment upper = Contract.f32("gatedBackward", "dy", dy);
    MemorySegment input = Contract.f32("gatedBackward", "x", x, dy.rows(), 2L * cols);
    pool.rows(
        dy.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long dGate = i * dx.stride();
            long gate = i * x.stride();
            long d = i * dy.stride();
            slope(f, target, dGate, upper, d, input, gate, cols);
            multiply(target, dGate, input, gate + cols, cols);
            apply(f, target, dGate + cols, input, gate, cols);
            multiply(target, dGate + cols, upper, d, cols);
          }
        });
  }

  private static void requireGate(String operation, Activation f) {
    if (!f.gates()) {
      throw Contract.wrong(operation, f + " is no gate: take SILU, GELU or GELU_TANH");
    }
  }

  /** y = f(x). */
  private static void apply(
      Activation f, MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    switch (f) {
      case GELU_TANH -> geluTanh(y, yAt, x, xAt, count);
      case GELU -> gelu(y, yAt, x, xAt, count);
      case QUICK_GELU -> quickGelu(y, yAt, x, xAt, count);
      case SILU -> silu(y, yAt, x, xAt, count);
      case RELU -> relu(y, yAt, x, xAt, count);
      case TANH -> tanh(y, yAt, x, xAt, count);
    }
  }

  /** dx = dy f'(x). */
  private static void slope(
      Activation f,
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    switch (f) {
      case GELU_TANH -> geluTanhSlope(dx, dxAt, dy, dyAt, x, xAt, count);
      case GELU -> geluSlope(dx, dxAt, dy, dyAt, x, xAt, count);
      case QUICK_GELU -> quickGeluSlope(dx, dxAt, dy, dyAt, x, xAt, count);
      case SILU -> siluSlope(dx, dxAt, dy, dyAt, x, xAt, count);
      case RELU -> reluSlope(dx, dxAt, dy, dyAt, x, xAt, count);
      case TANH -> tanhSlope(dx, dxAt, dy, dyAt, x, xAt, count);
    }
  }

  // Inner loops

  /** y = y x. */
  private static void multiply(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(load(y, yAt + j).mul(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(load(y, yAt + j, mask).mul(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void geluTanh(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(Floats.gelu(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(Floats.gelu(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void geluTanhSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(Floats.geluSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          Floats.geluSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }

  private static void gelu(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.gelu(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(ActivationMath.gelu(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void geluSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.geluSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          ActivationMath.geluSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }

  private static void quickGelu(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.quickGelu(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(ActivationMath.quickGelu(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void quickGeluSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.quickGeluSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          ActivationMath.quickGeluSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }

  private static void silu(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(Floats.silu(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(Floats.silu(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void siluSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.siluSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          ActivationMath.siluSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }

  private static void relu(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.relu(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(ActivationMath.relu(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void reluSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.reluSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          ActivationMath.reluSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }

  private static void tanh(MemorySegment y, long yAt, MemorySegment x, long xAt, int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.tanh(load(x, xAt + j)), y, yAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(ActivationMath.tanh(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  private static void tanhSlope(
      MemorySegment dx,
      long dxAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment x,
      long xAt,
      int count) {
    int j = 0;
    for (; j <= count - LANES; j += LANES) {
      store(ActivationMath.tanhSlope(load(x, xAt + j)).mul(load(dy, dyAt + j)), dx, dxAt + j);
    }
    if (j < count) {
      VectorMask<Float> mask = tail(j, count);
      store(
          ActivationMath.tanhSlope(load(x, xAt + j, mask)).mul(load(dy, dyAt + j, mask)),
          dx,
          dxAt + j,
          mask);
    }
  }
}
