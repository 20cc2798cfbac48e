package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;

/** Layer and RMS normalisation, with rows held in registers. */
final class CudaNorm {

  /** The widest row that the registers of a block hold. */
  static final long MAX_COLS = 16 * 32 * 32;

  private static final String FILE = "norm.cu";
  private static final int WARP = 32;

  /** Values of a row that a thread holds, at most. */
  private static final int HELD = 32;

  /** The most warps for a row beside whose values the sums for gamma and beta fit. */
  private static final int WARPS_WITH_SUMS = 4;

  /** How the kernels of a width hold a row; see norm.cu. */
  record Shape(int warps, int pieces) {

    /**
     * The fewest warps and pieces; the numbers of pieces are few, so that few kernels are built.
     */
    static Shape of(String operation, long cols, int share) {
      for (int warps : new int[] {1, 4, 16}) {
        long pieces = Math.ceilDiv(cols, (long) warps * WARP * share);
        if (pieces * share <= HELD) {
          return new Shape(warps, (int) (pieces <= 4 ? pieces : pieces + pieces % 2));
        }
      }
      throw Contract.wrong(
          operation,
          "rows of " + cols + " columns; at most " + MAX_COLS + " are held in registers");
    }

    int threads() {
      return warps == 1 ? 128 : warps * WARP;
    }

    int rows() {
      return threads() / (warps * WARP);
    }

    /** Blocks of the backward pass that one multiprocessor runs at once, by their registers. */
    int resident(int share) {
      int held = pieces * share;
      return held <= 8 ? 6 : held <= 16 ? 4 : held <= 24 ? 3 : 2;
    }

    String[] macros() {
      return new String[] {"WARPS=" + warps, "PIECES=" + pieces};
    }
  }

  private final Launcher launcher;
  private final PartialSums sums;
  private final DType real;
  private final int share;

  CudaNorm(Launcher launcher) {
    this.launcher = launcher;
    this.sums = new PartialSums(launcher);
    this.real = launcher.computeType();
    this.share = new Grids(launcher).share();
  }

  void norm(
      Norm norm,
      Matrix y,
      Buffer statistics,
      Buffer sum,
      Matrix x,
      Buffer residual,
      Buffer gamma,
      Buffer beta) {
    long rows = x.rows();
    long cols = x.cols();
    Contract.matrix("norm", "y", y, real, rows, cols);
    Contract.f32("norm", "statistics", statistics, 2 * rows);
    Contract.matrix("norm", "x", x, real);
    if (gamma != null) {
      Contract.buffer("norm", "gamma", gamma, real, cols);
    }
    if (beta != null) {
      Contract.buffer("norm", "beta", beta, real, cols);
    }
    if ((residual == null) != (sum == null)) {
      throw Contract.wrong("norm", "residual and sum belong together: give both or none");
    }
    if (residual != null) {
      Contract.buffer("norm", "residual", residual, real, rows * cols);
      Contract.buffer("norm", "sum", sum, real, rows * cols);
    }
    if (rows == 0 || cols == 0) {
      return;
    }
    Shape shape = Shape.of("norm", cols, share);
    launcher
        .launch(
            launcher.function(FILE, "norm_forward", shape.macros()),
            Math.ceilDiv(rows, shape.rows()),
            shape.threads())
        .arg(y.data())
        .arg(y.stride())
        .arg(statistics)
        .arg(sum)
        .arg(x.data())
        .arg(x.stride())
        .arg(residual)
        .arg(gamma)
        .arg(beta)
        .arg(rows)
        .arg((int) cols)
        .arg(norm.epsilon())
        .arg(centred(norm))
        .run();
  }

  void normBackward(
      Norm norm,
      Matrix ds,
      Buffer dgamma,
      Buffer dbeta,
      Matrix dy,
      Matrix s,
      Buffer statistics,
      Buffer gamma,
      boolean accumulate) {
    long rows = s.rows();
    long cols = s.cols();
    Contract.matrix("normBackward", "ds", ds, real, rows, cols);
    if (dgamma != null) {
      Contract.f32("normBackward", "dgamma", dgamma, cols);
    }
    if (dbeta != null) {
      Contract.f32("normBackward", "dbeta", dbeta, cols);
    }
    Contract.matrix("normBackward", "dy", dy, real, rows, cols);
    Contract.matrix("normBackward", "s", s, real);
    Contract.f32("normBackward", "statistics", statistics, 2 * rows);
    if (gamma != null) {
      Contract.buffer("normBackward", "gamma", gamma, real, cols);
    }
    if (rows == 0 || cols == 0) {
      return;
    }
    Shape shape = Shape.of("normBackward", cols, share);
    boolean wanted = dgamma != null || dbeta != null;
    boolean fused = shape.warps() <= WARPS_WITH_SUMS;
    long blockRows = PartialSums.blockRows(rows);
    long blocks =
        fused
            ? Math.min(
                Math.ceilDiv(rows, shape.rows()),
                (long) launcher.multiprocessors() * shape.resident(share))
            : Math.ceilDiv(rows, blockRows);
    Buffer partials = wanted ? launcher.scratch("norm sums", DType.F32, blocks * 2 * cols) : null;
    Launch launch =
        launcher
            .launch(
                launcher.function(
                    FILE, fused ? "norm_backward" : "norm_backward_rows", shape.macros()),
                fused ? blocks : rows,
                shape.threads())
            .arg(ds.data())
            .arg(ds.stride());
    if (fused) {
      launch.arg(partials);
    }
    launch.arg(dy.data()).arg(dy.stride()).arg(s.data()).arg(s.stride()).arg(statistics).arg(gamma);
    if (fused) {
      launch.arg(rows);
    }
    launch.arg((int) cols).arg(centred(norm)).arg(accumulate ? 1 : 0).run();
    if (!wanted) {
      return;
    }
    if (!fused) {
      sums.launch(launcher.function(FILE, "norm_backward_sums", shape.macros()), cols, blocks)
          .arg(partials)
          .arg(dy.data())
          .arg(dy.stride())
          .arg(s.data())
          .arg(s.stride())
          .arg(statistics)
          .arg(rows)
          .arg(cols)
          .arg(blockRows)
          .run();
    }
    if (dgamma != null) {
      sums.add(dgamma, partials, 2 * cols, blocks);
    }
    if (dbeta != null) {
      sums.add(dbeta, partials.slice(cols, partials.length() - cols), 2 * cols, blocks);
    }
    partials.release();
  }

  private static int centred(Norm norm) {
    return norm.kind() == Norm.Kind.LAYER ? 1 : 0;
  }
}
