package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.tensor.Tape.Sink;
import java.util.List;
import java.util.function.BiConsumer;

/** Differentiable functions that work value by value, on tensors of equal shape. */
public final class Pointwise {

  private Pointwise() {}

  /** y = f(x). */
  public static Tensor activate(Tape tape, String name, Activation f, Tensor x) {
    Tensor y = like(tape, name, x);
    tape.kernels().activate(f, y.data(), x.data());
    tape.record(
        name,
        () -> passOn(tape, x, y, (dx, dy) -> tape.kernels().activateBackward(f, dx, dy, x.data())),
        List.of(y));
    return y;
  }

  /** f(gate) * up, for x = [gate up] by columns; f is one that {@link Activation#gates}. */
  public static Tensor gated(Tape tape, String name, Activation f, Tensor x) {
    Tensor y = tape.tensor(name, x.rows(), x.width() / 2);
    tape.kernels().gated(f, y.matrix(), x.matrix());
    tape.record(
        name,
        () -> {
          Sink dx = tape.sink(x);
          if (dx.accumulate()) {
            throw new IllegalStateException(name + ": gate and up are used elsewhere");
          }
          Matrix dy = Matrix.of(tape.gradient(y), y.rows(), y.width());
          tape.kernels().gatedBackward(f, dx.matrix(), dy, x.matrix());
        },
        List.of(y));
    return y;
  }

  /** y = a + b. Both receive the gradient of y, as one shared buffer. */
  public static Tensor add(Tape tape, String name, Tensor a, Tensor b) {
    requireEqual(name, a, b);
    Tensor y = like(tape, name, a);
    tape.kernels().copy(y.data(), a.data());
    tape.kernels().axpby(y.data(), 1, b.data(), 1);
    tape.record(
        name,
        () -> {
          tape.pass(a, tape.gradient(y));
          tape.pass(b, tape.gradient(y));
        },
        List.of(y));
    return y;
  }

  /** y = a b. */
  public static Tensor multiply(Tape tape, String name, Tensor a, Tensor b) {
    requireEqual(name, a, b);
    Tensor y = like(tape, name, a);
    tape.kernels().multiply(y.data(), a.data(), b.data(), false);
    tape.record(
        name,
        () -> {
          addProduct(tape, a, tape.gradient(y), b);
          addProduct(tape, b, tape.gradient(y), a);
        },
        List.of(y));
    return y;
  }

  /**
   * y = x (1 + scale) + shift: what conditions a normalised x on something else (adaLN of Peebles
   * and Xie 2022, arXiv:2212.09748).
   */
  public static Tensor modulate(Tape tape, String name, Tensor x, Tensor scale, Tensor shift) {
    requireEqual(name, x, scale);
    requireEqual(name, x, shift);
    Kernels kernels = tape.kernels();
    Tensor y = like(tape, name, x);
    kernels.copy(y.data(), shift.data());
    kernels.axpby(y.data(), 1, x.data(), 1);
    kernels.multiply(y.data(), x.data(), scale.data(), true);
    tape.record(
        name,
        () -> {
          Buffer dy = tape.gradient(y);
          tape.pass(shift, dy);
          tape.pass(x, dy);
          addProduct(tape, x, dy, scale);
          addProduct(tape, scale, dy, x);
        },
        List.of(y));
    return y;
  }

  /** x with values dropped as the tape's {@link Noise} says; x itself where nothing is dropped. */
  public static Tensor dropout(Tape tape, String name, Tensor x) {
    Dropout dropout = tape.noise() == null ? null : tape.noise().dropout();
    if (dropout == null) {
      return x;
    }
    Buffer values = tape.noise().stepValues();
    Tensor y = like(tape, name, x);
    tape.kernels().dropout(dropout, y.data(), x.data(), values);
    tape.record(
        name,
        () -> passOn(tape, x, y, (dx, dy) -> tape.kernels().dropout(dropout, dx, dy, values)),
        List.of(y));
    return y;
  }

  /**
   * Makes the gradient of x from that of y, in its place if nobody else holds it.
   *
   * @param backward from the second buffer into the first, which may be the same
   */
  private static void passOn(Tape tape, Tensor x, Tensor y, BiConsumer<Buffer, Buffer> backward) {
    Buffer dy = tape.gradient(y);
    Buffer dx = dy.exclusive() ? dy.retain() : tape.scratch(y.name() + " gradient", dy.length());
    backward.accept(dx, dy);
    tape.pass(x, dx);
    dx.release();
  }

  /** factor x. */
  public static Tensor scale(Tape tape, String name, float factor, Tensor x) {
    Tensor y = like(tape, name, x);
    tape.kernels().axpby(y.data(), factor, x.data(), 0);
    tape.record(
        name,
        () -> passOn(tape, x, y, (dx, dy) -> tape.kernels().axpby(dx, factor, dy, 0)),
        List.of(y));
    return y;
  }

  /** The gradient of {@code argument} is, or grows by, dy factor. */
  private static void addProduct(Tape tape, Tensor argument, Buffer dy, Tensor factor) {
    Sink sink = tape.sink(argument);
    tape.kernels().multiply(sink.matrix().data(), dy, factor.data(), sink.accumulate());
  }

  private static Tensor like(Tape tape, String name, Tensor x) {
    return tape.tensor(name, x.rows(), x.width());
  }

  private static void requireEqual(String name, Tensor a, Tensor b) {
    if (a.rows() != b.rows() || a.width() != b.width()) {
      throw new IllegalArgumentException(name + ": " + a + " and " + b + " differ in shape");
    }
  }
}
