package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Activation functions and their slopes, beside those that {@link Floats} has. Each is a fixed
 * sequence of IEEE operations, as there.
 */
final class ActivationMath {

  private static final FloatVector ZERO = broadcast(0);
  private static final FloatVector ONE = broadcast(1);
  private static final FloatVector TWO = broadcast(2);
  private static final FloatVector HALF_NEGATIVE = broadcast(-0.5f);
  private static final FloatVector QUICK = broadcast(1.702f);

  // The normal distribution's tail: 1 - Phi(z) = exp(-z^2 / 2) t q(t), for z >= 0 and t = 1 / (1 +
  // 0.33 z), with an error of at most 4.2e-9 (a minimax fit of the form of Abramowitz and Stegun
  // 1964, 7.1.26).
  private static final FloatVector TAIL = broadcast(0.33f);
  private static final FloatVector T1 = broadcast(0.1326209974184446f);
  private static final FloatVector T2 = broadcast(0.11945338782014009f);
  private static final FloatVector T3 = broadcast(0.18094483327048533f);
  private static final FloatVector T4 = broadcast(-0.0890297724639855f);
  private static final FloatVector T5 = broadcast(0.33088011051426286f);
  private static final FloatVector T6 = broadcast(-0.22036017590883838f);
  private static final FloatVector T7 = broadcast(0.04549062352351234f);

  /** 1 / sqrt(2 pi). */
  private static final FloatVector DENSITY = broadcast((float) (1 / Math.sqrt(2 * Math.PI)));

  // tanh(x) = x + x^3 r(x^2) below 0.625, with the coefficients of Moshier's Cephes library (1989).
  private static final FloatVector SMALL = broadcast(0.625f);
  private static final FloatVector R0 = broadcast(-3.33332819422e-1f);
  private static final FloatVector R1 = broadcast(1.33314422036e-1f);
  private static final FloatVector R2 = broadcast(-5.37397155531e-2f);
  private static final FloatVector R3 = broadcast(2.06390887954e-2f);
  private static final FloatVector R4 = broadcast(-5.70498872745e-3f);

  private ActivationMath() {}

  /** x Phi(x), with Phi the normal distribution: x/2 (1 + erf(x / sqrt(2))). */
  static FloatVector gelu(FloatVector x) {
    return x.mul(phi(x, exponential(x)));
  }

  /** Phi(x) + x phi(x), with phi the normal density. */
  static FloatVector geluSlope(FloatVector x) {
    FloatVector exponential = exponential(x);
    return x.mul(exponential).fma(DENSITY, phi(x, exponential));
  }

  private static FloatVector exponential(FloatVector x) {
    return Floats.exp(x.mul(x).mul(HALF_NEGATIVE));
  }

  /** Phi(x), given exp(-x^2 / 2). */
  private static FloatVector phi(FloatVector x, FloatVector exponential) {
    FloatVector t = ONE.div(x.abs().fma(TAIL, ONE));
    FloatVector q = t.fma(T7, T6);
    q = q.fma(t, T5);
    q = q.fma(t, T4);
    q = q.fma(t, T3);
    q = q.fma(t, T2);
    q = q.fma(t, T1);
    FloatVector tail = q.mul(t).mul(exponential);
    return tail.blend(ONE.sub(tail), x.compare(VectorOperators.GT, ZERO));
  }

  /** x sigmoid(1.702 x). */
  static FloatVector quickGelu(FloatVector x) {
    return x.mul(Floats.sigmoid(x.mul(QUICK)));
  }

  /** s (1 + 1.702 x (1 - s)), with s = sigmoid(1.702 x). */
  static FloatVector quickGeluSlope(FloatVector x) {
    FloatVector u = x.mul(QUICK);
    return Floats.siluSlope(u, Floats.sigmoid(u));
  }

  /** d silu / dx. */
  static FloatVector siluSlope(FloatVector x) {
    return Floats.siluSlope(x, Floats.sigmoid(x));
  }

  /** max(x, 0). */
  static FloatVector relu(FloatVector x) {
    return x.max(ZERO);
  }

  /** 1 above 0, else 0. */
  static FloatVector reluSlope(FloatVector x) {
    return ZERO.blend(ONE, x.compare(VectorOperators.GT, ZERO));
  }

  /** 1 - 2 / (1 + exp(2x)), or a polynomial near 0, where that cancels. */
  static FloatVector tanh(FloatVector x) {
    FloatVector far = ONE.sub(TWO.div(Floats.exp(x.add(x)).add(ONE)));
    FloatVector square = x.mul(x);
    FloatVector r = square.fma(R4, R3);
    r = r.fma(square, R2);
    r = r.fma(square, R1);
    r = r.fma(square, R0);
    FloatVector near = r.mul(square).fma(x, x);
    VectorMask<Float> small = x.abs().compare(VectorOperators.LT, SMALL);
    return far.blend(near, small);
  }

  /** 1 - tanh(x)^2. */
  static FloatVector tanhSlope(FloatVector x) {
    FloatVector y = tanh(x);
    return ONE.sub(y.mul(y));
  }
}
