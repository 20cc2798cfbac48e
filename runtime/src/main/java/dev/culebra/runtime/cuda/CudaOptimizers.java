package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.StepValues;

/** Steps of the optimisers over runs of parameters, and the norms they need. */
final class CudaOptimizers {

  private static final String MUON = "muon.cu";

  /** Weights that a thread takes. */
  private static final int EACH = 4;

  private final Launcher launcher;
  private final Grids grids;
  private final CudaReductions reductions;

  CudaOptimizers(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.reductions = new CudaReductions(launcher);
  }

  void globalNorm(Buffer stepValues, Buffer gradient, float maxNorm) {
    stepValues("globalNorm", stepValues);
    Contract.f32("globalNorm", "gradient", gradient);
    if (!(maxNorm > 0)) {
      throw Contract.wrong("globalNorm", "maxNorm must be positive, not " + maxNorm);
    }
    reductions.clip(
        stepValues.slice(StepValues.GRADIENT_NORM, 1),
        stepValues.slice(StepValues.GRADIENT_SCALE, 1),
        gradient,
        maxNorm);
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
    Contract.f32("adamW", "weights", weights);
    computeWeights("adamW", computeWeights, length);
    Contract.f32("adamW", "gradient", gradient, length);
    Contract.f32("adamW", "m", m, length);
    Contract.f32("adamW", "v", v, length);
    stepValues("adamW", stepValues);
    if (decayed < 0 || decayed > length) {
      throw Contract.wrong("adamW", "decayed must be in 0.." + length + ", not " + decayed);
    }
    if (length > 0) {
      grids
          .overValues(launcher.function("adamw.cu", "adamw"), length, EACH)
          .arg(weights)
          .arg(computeWeights)
          .arg(gradient)
          .arg(m)
          .arg(v)
          .arg(length)
          .arg(decayed)
          .arg(stepValues.slice(StepValues.LEARNING_RATE, 1))
          .arg(stepValues.slice(StepValues.BIAS_CORRECTION_1, 1))
          .arg(stepValues.slice(StepValues.BIAS_CORRECTION_2, 1))
          .arg(stepValues.slice(StepValues.GRADIENT_SCALE, 1))
          .arg(options.beta1())
          .arg(options.beta2())
          .arg(options.epsilon())
          .arg(options.weightDecay())
          .run();
    }
  }

  void muonMomentum(Buffer update, Buffer m, Buffer gradient, float beta, Buffer stepValues) {
    long length = m.length();
    Contract.f32("muonMomentum", "update", update, length);
    Contract.f32("muonMomentum", "m", m);
    Contract.f32("muonMomentum", "gradient", gradient, length);
    stepValues("muonMomentum", stepValues);
    if (length > 0) {
      grids
          .overValues(launcher.function(MUON, "muon_momentum"), length, EACH)
          .arg(update)
          .arg(m)
          .arg(gradient)
          .arg(length)
          .arg(beta)
          .arg(stepValues.slice(StepValues.GRADIENT_SCALE, 1))
          .run();
    }
  }

  void normalize(Buffer y, Buffer x) {
    Contract.f32("normalize", "y", y);
    Contract.f32("normalize", "x", x, y.length());
    if (y.length() > 0) {
      Buffer norm = launcher.scratch("norm", DType.F32, 1);
      reductions.norm(norm, x);
      grids
          .overValues(launcher.function(MUON, "divide_by_norm"), y.length(), EACH)
          .arg(y)
          .arg(x)
          .arg(y.length())
          .arg(norm)
          .run();
      norm.release();
    }
  }

  void muonUpdate(
      Buffer weights,
      Buffer computeWeights,
      Buffer update,
      float factor,
      float decay,
      Buffer stepValues) {
    long length = weights.length();
    Contract.f32("muonUpdate", "weights", weights);
    computeWeights("muonUpdate", computeWeights, length);
    Contract.f32("muonUpdate", "update", update, length);
    stepValues("muonUpdate", stepValues);
    if (length > 0) {
      grids
          .overValues(launcher.function(MUON, "muon_update"), length, EACH)
          .arg(weights)
          .arg(computeWeights)
          .arg(update)
          .arg(length)
          .arg(factor)
          .arg(decay)
          .arg(stepValues.slice(StepValues.LEARNING_RATE, 1))
          .arg(stepValues.slice(StepValues.GRADIENT_SCALE, 1))
          .run();
    }
  }

  void average(Buffer average, Buffer x, float decay, Buffer stepValues) {
    Contract.f32("average", "average", average);
    Contract.f32("average", "x", x, average.length());
    stepValues("average", stepValues);
    if (!(decay >= 0 && decay <= 1)) {
      throw Contract.wrong("average", "decay must be in [0, 1], not " + decay);
    }
    if (average.length() > 0) {
      grids
          .overValues(launcher.function("average.cu", "moving_average"), average.length(), EACH)
          .arg(average)
          .arg(x)
          .arg(average.length())
          .arg(decay)
          .arg(stepValues.slice(StepValues.GRADIENT_SCALE, 1))
          .run();
    }
  }

  private void computeWeights(String operation, Buffer computeWeights, long length) {
    if (launcher.computeType() == DType.F32) {
      Contract.noComputeWeights(operation, computeWeights);
    } else {
      Contract.buffer(operation, "computeWeights", computeWeights, launcher.computeType(), length);
    }
  }

  private static void stepValues(String operation, Buffer stepValues) {
    Contract.f32(operation, "stepValues", stepValues, StepValues.COUNT);
  }
}
