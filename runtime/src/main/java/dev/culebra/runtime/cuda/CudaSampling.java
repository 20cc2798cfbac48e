package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.StepValues;

/** Tokens drawn from the softmax of rows of logits. */
final class CudaSampling {

  private final Launcher launcher;

  CudaSampling(Launcher launcher) {
    this.launcher = launcher;
  }

  void sampleRows(
      Buffer ids,
      Buffer replaced,
      Matrix logits,
      Buffer position,
      Buffer target,
      int stream,
      long first,
      Buffer stepValues) {
    Contract.i32("sampleRows", "ids", ids, ids.length());
    Contract.i32("sampleRows", "replaced", replaced, ids.length());
    Contract.matrix("sampleRows", "logits", logits, launcher.computeType());
    Contract.i32("sampleRows", "position", position, logits.rows());
    Contract.i32("sampleRows", "target", target, logits.rows());
    Contract.f32("sampleRows", "stepValues", stepValues, StepValues.COUNT);
    if (logits.rows() > 0) {
      Function function = launcher.function("sample.cu", "sample_rows");
      launcher
          .launch(function, logits.rows(), Grids.threads(logits.cols(), Grids.THREADS))
          .arg(ids)
          .arg(replaced)
          .arg(logits.data())
          .arg(logits.stride())
          .arg(position)
          .arg(target)
          .arg(stepValues.slice(StepValues.SEED, 1))
          .arg(stream)
          .arg(first)
          .arg(Math.toIntExact(logits.cols()))
          .run();
    }
  }
}
