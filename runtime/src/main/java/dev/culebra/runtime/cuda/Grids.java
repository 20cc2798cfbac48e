package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;

/** The launch shapes that most kernels share, and the types that they take. */
final class Grids {

  /** Threads of a block of a kernel that goes over a buffer. */
  static final int THREADS = 256;

  /** The most threads that share the columns of a row. */
  static final int ROW_THREADS = 128;

  private static final int WARP = 32;

  private final Launcher launcher;
  private final int share;

  Grids(Launcher launcher) {
    this.launcher = launcher;
    this.share = 16 / launcher.computeType().bytes();
  }

  /**
   * Neighbouring values that a thread takes: 16 bytes of the compute type, SHARE in the kernels.
   */
  int share() {
    return share;
  }

  /** A launch over {@code n} values of which each thread takes {@code each}. */
  Launch overValues(Function function, long n, int each) {
    return launcher.launch(function, Math.ceilDiv(n, (long) THREADS * each), THREADS);
  }

  /** A launch over rows x tiles of columns, of which each thread takes {@code each}. */
  Launch overRows(Function function, long rows, long cols, int each) {
    long pieces = Math.ceilDiv(cols, each);
    int threads = threads(pieces, ROW_THREADS);
    return launcher.launch(function, rows, Math.ceilDiv(pieces, threads), 1, threads);
  }

  /** As many threads as there are pieces, in whole warps and at most {@code most}. */
  static int threads(long pieces, int most) {
    return (int) Math.min(most, Math.ceilDiv(Math.max(1, pieces), WARP) * WARP);
  }

  /** The kernel's variant for a buffer of the compute type or of F32: {@code _real} or _f32. */
  String variant(String kernel, Buffer x) {
    return kernel + (x.dtype() == launcher.computeType() ? "_real" : "_f32");
  }

  /** Checks that a buffer is F32 or of the compute type. */
  void floats(String operation, String what, Buffer x) {
    boolean f32 = x != null && x.dtype() == DType.F32;
    Contract.buffer(operation, what, x, f32 ? DType.F32 : launcher.computeType());
  }
}
