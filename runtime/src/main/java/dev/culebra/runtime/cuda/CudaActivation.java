package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;

/** Activations, whose kernels are built for each function that is used. */
final class CudaActivation {

  private final Launcher launcher;
  private final Grids grids;
  private final DType real;

  CudaActivation(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.real = launcher.computeType();
  }

  void activate(Activation f, Buffer y, Buffer x) {
    Contract.buffer("activate", "y", y, real);
    Contract.buffer("activate", "x", x, real, y.length());
    if (y.length() > 0) {
      grids
          .overValues(kernel("activate", f), y.length(), grids.share())
          .arg(y)
          .arg(x)
          .arg(y.length())
          .run();
    }
  }

  void activateBackward(Activation f, Buffer dx, Buffer dy, Buffer x) {
    Contract.buffer("activateBackward", "dx", dx, real);
    Contract.buffer("activateBackward", "dy", dy, real, dx.length());
    Contract.buffer("activateBackward", "x", x, real, dx.length());
    if (dx.length() > 0) {
      grids
          .overValues(kernel("activate_backward", f), dx.length(), grids.share())
          .arg(dx)
          .arg(dy)
          .arg(x)
          .arg(dx.length())
          .run();
    }
  }

  void gated(Activation f, Matrix y, Matrix x) {
    requireGate("gated", f);
    Contract.matrix("gated", "y", y, real);
    Contract.matrix("gated", "x", x, real, y.rows(), 2 * y.cols());
    if (y.rows() > 0 && y.cols() > 0) {
      grids
          .overRows(kernel("gated", f), y.rows(), y.cols(), grids.share())
          .arg(y.data())
          .arg(y.stride())
          .arg(x.data())
          .arg(x.stride())
          .arg(y.cols())
          .run();
    }
  }

  void gatedBackward(Activation f, Matrix dx, Matrix dy, Matrix x) {
    String name = "gatedBackward";
    requireGate(name, f);
    Contract.matrix(name, "dx", dx, real, dy.rows(), 2 * dy.cols());
    Contract.matrix(name, "dy", dy, real);
    Contract.matrix(name, "x", x, real, dy.rows(), 2 * dy.cols());
    if (dy.rows() > 0 && dy.cols() > 0) {
      grids
          .overRows(kernel("gated_backward", f), dy.rows(), dy.cols(), grids.share())
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

  private static void requireGate(String operation, Activation f) {
    if (!f.gates()) {
      throw Contract.wrong(operation, f + " is no gate: take SILU, GELU or GELU_TANH");
    }
  }

  private Function kernel(String name, Activation f) {
    return launcher.function("activation.cu", name, macro(f));
  }

  /** What names a function's type, which curves.cuh defines. */
  static String macro(Activation f) {
    return "CURVE="
        + switch (f) {
          case GELU_TANH -> "GeluTanh";
          case GELU -> "Gelu";
          case QUICK_GELU -> "QuickGelu";
          case SILU -> "Silu";
          case RELU -> "Relu";
          case TANH -> "Tanh";
        };
  }
}
