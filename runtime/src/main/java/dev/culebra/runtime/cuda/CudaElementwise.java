package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.StepValues;

/** Operations that work element by element: moving, scaling, multiplying, dropout. */
final class CudaElementwise {

  private static final String MEMORY = "memory.cu";

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

  void multiply(Buffer y, Buffer a, Buffer b, boolean accumulate) {
    Contract.buffer("multiply", "y", y, real);
    Contract.buffer("multiply", "a", a, real, y.length());
    Contract.buffer("multiply", "b", b, real, y.length());
    if (y.length() > 0) {
      over(y.length(), MEMORY, "multiply")
          .arg(y)
          .arg(a)
          .arg(b)
          .arg(accumulate ? 1 : 0)
          .arg(y.length())
          .run();
    }
  }

  void clamp(Buffer x, float least, float most) {
    grids.floats("clamp", "x", x);
    if (!(least <= most)) {
      throw Contract.wrong("clamp", "least " + least + " must not be above most " + most);
    }
    if (x.length() > 0) {
      over(x.length(), MEMORY, grids.variant("clamp", x))
          .arg(x)
          .arg(least)
          .arg(most)
          .arg(x.length())
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
