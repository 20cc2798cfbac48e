package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Steps of the optimisers over runs of parameters, and the norms they need. */
final class CpuOptimizers {

  private static final float NORM_EPSILON = 1e-6f;
  private static final float MUON_EPSILON = 1e-7f;

  private final CpuPool pool;
  private final CpuReductions reductions;

  CpuOptimizers(CpuPool pool) {
    this.pool = pool;
    this.reductions = new CpuReductions(pool);
  }

  void globalNorm(Buffer stepValues, Buffer gradient, float maxNorm) {
    MemorySegment values = stepValues("globalNorm", stepValues);
    MemorySegment g = Contract.f32("globalNorm", "gradient", gradient);
    if (!(maxNorm > 0)) {
      throw Contract.wrong("globalNorm", "maxNorm must be positive, not " + maxNorm);
    }
    float norm = (float) reductions.norm(g, gradient.length());
    float scale = Float.isFinite(norm) ? Math.min(1, maxNorm / (norm + NORM_EPSILON)) : Float.NaN;
    Floats.set(values, StepValues.GRADIENT_NORM, norm);
    Floats.set(values, StepValues.GRADIENT_SCALE, scale);
  }

  void adamW(
      AdamW options,
      Buffer weights,
      Buffer computeWeights,
      Buffer gradient,
      Buffer m,
      Buffer v,
      long decayed,
      Buffer stepValues) {
    long length = weights.length();
    MemorySegment w = Contract.f32("adamW", "weights", weights);
    Contract.noComputeWeights("adamW", computeWeights);
    MemorySegment g = Contract.f32("adamW", "gradient", gradient, length);
    MemorySegment first = Contract.f32("adamW", "m", m, length);
    MemorySegment second = Contract.f32("adamW", "v", v, length);
    MemorySegment values = stepValues("adamW", stepValues);
    if (decayed < 0 || decayed > length) {
      throw Contract.wrong("adamW", "decayed must be in 0.." + length + ", not " + decayed);
    }
    float scale = Floats.get(values, StepValues.GRADIENT_SCALE);
    if (Float.isNaN(scale)) {
      return;
    }
    float rate = Floats.get(values, StepValues.LEARNING_RATE);
    float kept = (float) (1 - (double) rate * options.weightDecay());
    float step = rate / Floats.get(values, StepValues.BIAS_CORRECTION_1);
    float root = (float) (1 / Math.sqrt(Floats.get(values, StepValues.BIAS_CORRECTION_2)));
    pool.rows(
        length,
        Grain.ELEMENTS,
        (from, to, thread) -> {
          long split = Math.clamp(decayed, from, to);
          adamW(
              options,
              w,
              g,
              first,
              second,
              from,
              Math.toIntExact(split - from),
              scale,
              kept,
              step,
              root);
          adamW(
              options,
              w,
              g,
              first,
              second,
              split,
              Math.toIntExact(to - split),
              scale,
              1,
              step,
              root);
        });
  }

  void muonMomentum(Buffer update, Buffer m, Buffer gradient, float beta, Buffer stepValues) {
    long length = m.length();
    MemorySegment u = Contract.f32("muonMomentum", "update", update, length);
    MemorySegment momentum = Contract.f32("muonMomentum", "m", m);
    MemorySegment g = Contract.f32("muonMomentum", "gradient", gradient, length);
    MemorySegment values = stepValues("muonMomentum", stepValues);
    float scale = Floats.get(values, StepValues.GRADIENT_SCALE);
    if (Float.isNaN(scale)) {
      return;
    }
    pool.rows(
        length,
        Grain.ELEMENTS,
        (from, to, thread) ->
            momentum(u, momentum, g, beta, scale, from, Math.toIntExact(to - from)));
  }

  void normalize(Buffer y, Buffer x) {
    MemorySegment target = Contract.f32("normalize", "y", y);
    MemorySegment source = Contract.f32("normalize", "x", x, y.length());
    float norm = (float) reductions.norm(source, x.length()) + MUON_EPSILON;
    pool.rows(
        y.length(),
        Grain.ELEMENTS,
        (from, to, thread) -> divide(target, source, norm, from, Math.toIntExact(to - from)));
  }

  void muonUpdate(
      Buffer weights,
      Buffer computeWeights,
      Buffer update,
      float factor,
      float decay,
      Buffer stepValues) {
    MemorySegment w = Contract.f32("muonUpdate", "weights", weights);
    Contract.noComputeWeights("muonUpdate", computeWeights);
    MemorySegment u = Contract.f32("muonUpdate", "update", update, weights.length());
    MemorySegment values = stepValues("muonUpdate", stepValues);
    if (Float.isNaN(Floats.get(values, StepValues.GRADIENT_SCALE))) {
      return;
    }
    float rate = Floats.get(values, StepValues.LEARNING_RATE);
    float kept = (float) (1 - (double) rate * decay);
    pool.rows(
        weights.length(),
        Grain.ELEMENTS,
        (from, to, thread) ->
            CpuElementwise.axpby(w, -rate * factor, u, kept, from, Math.toIntExact(to - from)));
  }

  void average(Buffer average, Buffer x, float decay, Buffer stepValues) {
    MemorySegment target = Contract.f32("average", "average", average);
    MemorySegment source = Contract.f32("average", "x", x, average.length());
    MemorySegment values = stepValues("average", stepValues);
    if (!(decay >= 0 && decay <= 1)) {
      throw Contract.wrong("average", "decay must be in [0, 1], not " + decay);
    }
    if (Float.isNaN(Floats.get(values, StepValues.GRADIENT_SCALE))) {
      return;
    }
    pool.rows(
        average.length(),
        Grain.ELEMENTS,
        (from, to, thread) ->
            CpuElementwise.axpby(
                target, 1 - decay, source, decay, from, Math.toIntExact(to - from)));
  }

  private static MemorySegment stepValues(String operation, Buffer stepValues) {
    return Contract.f32(operation, "stepValues", stepValues, StepValues.COUNT);
  }

  // Inner loops

  private static void adamW(
      AdamW options,
      MemorySegment w,
      MemorySegment g,
      MemorySegment m,
      MemorySegment v,
      long at,
      int count,
      float scale,
      float kept,
      float step,
      float root) {
    FloatVector beta1 = Floats.broadcast(options.beta1());
    FloatVector beta2 = Floats.broadcast(options.beta2());
    FloatVector minusStep = Floats.broadcast(-step);
    float rest1 = 1 - options.beta1();
    float rest2 = 1 - options.beta2();
    float epsilon = options.epsilon();
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector gradient = load(g, at + i).mul(scale);
      FloatVector first = load(m, at + i).fma(beta1, gradient.mul(rest1));
      FloatVector second = load(v, at + i).fma(beta2, gradient.mul(gradient).mul(rest2));
      FloatVector direction = first.div(second.sqrt().mul(root).add(epsilon));
      store(first, m, at + i);
      store(second, v, at + i);
      store(direction.fma(minusStep, load(w, at + i).mul(kept)), w, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector gradient = load(g, at + i, mask).mul(scale);
      FloatVector first = load(m, at + i, mask).fma(beta1, gradient.mul(rest1));
      FloatVector second = load(v, at + i, mask).fma(beta2, gradient.mul(gradient).mul(rest2));
      FloatVector direction = first.div(second.sqrt().mul(root).add(epsilon));
      store(first, m, at + i, mask);
      store(second, v, at + i, mask);
      store(direction.fma(minusStep, load(w, at + i, mask).mul(kept)), w, at + i, mask);
    }
  }

  private static void momentum(
      MemorySegment u,
      MemorySegment m,
      MemorySegment g,
      float beta,
      float scale,
      long at,
      int count) {
    FloatVector keep = Floats.broadcast(beta);
    float rest = 1 - beta;
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector fresh = load(g, at + i).mul(scale).mul(rest);
      FloatVector momentum = load(m, at + i).fma(keep, fresh);
      store(momentum, m, at + i);
      store(momentum.fma(keep, fresh), u, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      FloatVector fresh = load(g, at + i, mask).mul(scale).mul(rest);
      FloatVector momentum = load(m, at + i, mask).fma(keep, fresh);
      store(momentum, m, at + i, mask);
      store(momentum.fma(keep, fresh), u, at + i, mask);
    }
  }

  private static void divide(MemorySegment y, MemorySegment x, float by, long at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      store(load(x, at + i).div(by), y, at + i);
    }
    if (i < count) {
      VectorMask<Float> mask = tail(i, count);
      store(load(x, at + i, mask).div(by), y, at + i, mask);
    }
  }
}
