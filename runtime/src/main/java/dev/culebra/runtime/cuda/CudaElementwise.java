package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.StepValues;

/** Operations that work element by element: moving, scaling, activations, dropout. */
final class CudaElementwise {

  private static final String MEMORY = "memory.cu";
  private static final String ACTIVATION = "activation.cu";

  /** Pairs of bytes that a thread copies. */
  private static final int COPIED = 8;

  private final Launcher launcher;
  private final Grids grids;
  private final DType real;

  CudaElementwise(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.real = launcher.computeType();
  }

  void fill(Buffer x, float value) {
    grids.floats("fill", "x", x);
    if (x.length() > 0) {
      over(x.length(), MEMORY, grids.variant("fill", x)).arg(x).arg(value).arg(x.length()).run();
    }
  }

  void copy(Buffer y, Buffer x) {
    if (y.dtype() != x.dtype()) {
      grids.floats("copy", "y", y);
      grids.floats("copy", "x", x);
    }
    if (y.length() != x.length()) {
      throw Contract.wrong("copy", y + " cannot take " + x);
    }
    Contract.buffer("copy", "y", y, y.dtype());
    Contract.buffer("copy", "x", x, x.dtype());
    if (x.length() == 0) {
      return;
    }
    if (y.dtype() == x.dtype()) {
      long pairs = x.bytes() / 2;
      Function function = launcher.function(MEMORY, "copy");
      grids.overValues(function, pairs, COPIED).arg(y).arg(x).arg(pairs).run();
    } else {
      over(x.length(), MEMORY, grids.variant("cast_to", y)).arg(y).arg(x).arg(x.length()).run();
    }
  }

  void axpby(Buffer y, float a, Buffer x, float b) {
    grids.floats("axpby", "y", y);
    Contract.buffer("axpby", "x", x, y.dtype(), y.length());
    if (y.length() > 0) {
      over(y.length(), MEMORY, grids.variant("axpby", y))
          .arg(y)
          .arg(a)
          .arg(x)
          .arg(b)
          .arg(y.length())
          .run();
    }
  }

  void geluBackward(Buffer dx, Buffer dy, Buffer x) {
    Contract.buffer("geluBackward", "dx", dx, real);
    Contract.buffer("geluBackward", "dy", dy, real, dx.length());
    Contract.buffer("geluBackward", "x", x, real, dx.length());
    if (dx.length() > 0) {
      over(dx.length(), ACTIVATION, "gelu_backward").arg(dx).arg(dy).arg(x).arg(dx.length()).run();
    }
  }

  void swiglu(Matrix y, Matrix x) {
    Contract.matrix("swiglu", "y", y, real);
    Contract.matrix("swiglu", "x", x, real, y.rows(), 2 * y.cols());
    if (y.rows() > 0 && y.cols() > 0) {
      grids
          .overRows(launcher.function(ACTIVATION, "swiglu"), y.rows(), y.cols(), grids.share())
          .arg(y.data())
          .arg(y.stride())
          .arg(x.data())
          .arg(x.stride())
          .arg(y.cols())
          .run();
    }
  }

  void swigluBackward(Matrix dx, Matrix dy, Matrix x) {
    String name = "swigluBackward";
    Contract.matrix(name, "dx", dx, real, dy.rows(), 2 * dy.cols());
    Contract.matrix(name, "dy", dy, real);
    Contract.matrix(name, "x", x, real, dy.rows(), 2 * dy.cols());
    if (dy.rows() > 0 && dy.cols() > 0) {
      Function function = launcher.function(ACTIVATION, "swiglu_backward");
      grids
          .overRows(function, dy.rows(), dy.cols(), grids.share())
          .arg(dx.data())
          .arg(dx.stride())
          .arg(dy.data())
          .arg(dy.stride())
          .arg(x.data())
          .arg(x.stride())
          .arg(dy.cols())
          .run();
    }
  }

  void dropout(Dropout dropout, Buffer y, Buffer x, Buffer stepValues) {
    Contract.buffer("dropout", "y", y, real);
    Contract.buffer("dropout", "x", x, real, y.length());
    Contract.f32("dropout", "stepValues", stepValues, StepValues.COUNT);
    if (y.length() > 0) {
      over(y.length(), "dropout.cu", "dropout")
          .arg(y)
          .arg(x)
          .arg(stepValues.slice(StepValues.SEED, 1))
          .arg(dropout.stream())
          .arg(dropout.threshold())
          .arg(dropout.scale())
          .arg(y.length())
          .run();
    }
  }

  private Launch over(long n, String file, String kernel) {
    return grids.overValues(launcher.function(file, kernel), n, grids.share());
  }
}
