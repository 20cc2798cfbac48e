package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Operations that pick, copy, scatter or add up rows.
 *
 * <p>Indices are in device memory and nobody checks them: one outside the table gathers NaN and
 * scatters nothing.
 */
final class CudaRows {

  private static final String SCATTER = "scatter.cu";

  /** Keys of a tile of the sort, and the bits that one pass sorts by. */
  private static final int SORT_TILE = 2048;

  private static final int DIGIT_BITS = 8;
  private static final int DIGITS = 1 << DIGIT_BITS;

  /** Positions of a piece of the sorted list, and the columns that one block joins. */
  private static final int PIECE = 32;

  private static final int JOINED_COLUMNS = 128;

  private final Launcher launcher;
  private final Grids grids;
  private final PartialSums sums;
  private final DType real;

  CudaRows(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.sums = new PartialSums(launcher);
    this.real = launcher.computeType();
  }

  void gatherRows(Matrix y, Matrix table, Buffer index, boolean accumulate) {
    Contract.matrix("gatherRows", "y", y, real, y.rows(), table.cols());
    Contract.matrix("gatherRows", "table", table, real);
    Contract.i32("gatherRows", "index", index, y.rows());
    if (y.rows() > 0 && y.cols() > 0) {
      Function function = launcher.function("gather.cu", "gather_rows");
      grids
          .overRows(function, y.rows(), y.cols(), grids.share())
          .arg(y.data())
          .arg(y.stride())
          .arg(table.data())
          .arg(table.stride())
          .arg(table.rows())
          .arg(index)
          .arg(y.cols())
          .arg(accumulate ? 1 : 0)
          .run();
    }
  }

  void scatterAddRows(Matrix table, Matrix y, Buffer index) {
    grids.floats("scatterAddRows", "table", table.data());
    Contract.matrix("scatterAddRows", "table", table, table.data().dtype());
    Contract.matrix("scatterAddRows", "y", y, real, y.rows(), table.cols());
    Contract.i32("scatterAddRows", "index", index, y.rows());
    if (y.rows() == 0 || y.cols() == 0 || table.rows() == 0) {
      return;
    }
    Buffer keys = launcher.scratch("scatter keys", DType.I32, 2 * y.rows());
    Buffer positions = launcher.scratch("scatter positions", DType.I32, 2 * y.rows());
    long half = sort(index, keys, positions, Math.toIntExact(table.rows()));
    Buffer sortedKeys = keys.slice(half, y.rows());
    Buffer sortedPositions = positions.slice(half, y.rows());
    addSorted(table, y, sortedKeys, sortedPositions);
    positions.release();
    keys.release();
  }

  /**
   * Sorts the indices and their positions.
   *
   * @return where in the two buffers, which have twice the room, the sorted values are
   */
  private long sort(Buffer index, Buffer keys, Buffer positions, int tableRows) {
    long n = index.length();
    long tiles = Math.ceilDiv(n, SORT_TILE);
    Function count = launcher.function(SCATTER, "sort_count");
    Function move = launcher.function(SCATTER, "sort_move");
    Buffer counts = launcher.scratch("scatter counts", DType.I32, tiles * DIGITS);
    Buffer fromKeys = index;
    Buffer fromPositions = null;
    long half = n;
    for (int shift = 0; tableRows >>> shift != 0; shift += DIGIT_BITS) {
      half = n - half;
      launcher
          .launch(count, tiles, DIGITS)
          .arg(counts)
          .arg(fromKeys)
          .arg(n)
          .arg(tableRows)
          .arg(shift)
          .run();
      launcher
          .launch(move, tiles, DIGITS)
          .arg(keys.slice(half, n))
          .arg(positions.slice(half, n))
          .arg(fromKeys)
          .arg(fromPositions)
          .arg(counts)
          .arg(n)
          .arg(tableRows)
          .arg(shift)
          .run();
      fromKeys = keys.slice(half, n);
      fromPositions = positions.slice(half, n);
    }
    counts.release();
    return half;
  }

  private void addSorted(Matrix table, Matrix y, Buffer keys, Buffer positions) {
    long pieces = Math.ceilDiv(y.rows(), PIECE);
    Buffer partials = launcher.scratch("scatter sums", DType.F32, pieces * 2 * y.cols());
    Function sum = launcher.function(SCATTER, grids.variant("scatter_pieces", table.data()));
    grids
        .overRows(sum, pieces, y.cols(), grids.share())
        .arg(table.data())
        .arg(table.stride())
        .arg(partials)
        .arg(y.data())
        .arg(y.stride())
        .arg(keys)
        .arg(positions)
        .arg(y.rows())
        .arg(Math.toIntExact(table.rows()))
        .arg(y.cols())
        .run();
    if (pieces > 1) {
      Function join = launcher.function(SCATTER, grids.variant("scatter_join", table.data()));
      launcher
          .launch(join, pieces, Math.ceilDiv(y.cols(), JOINED_COLUMNS), 1, Grids.THREADS)
          .arg(table.data())
          .arg(table.stride())
          .arg(partials)
          .arg(keys)
          .arg(y.rows())
          .arg(Math.toIntExact(table.rows()))
          .arg(y.cols())
          .run();
    }
    partials.release();
  }

  void copyRows(Matrix y, Matrix x, boolean accumulate) {
    Contract.matrix("copyRows", "y", y, real);
    Contract.matrix("copyRows", "x", x, real, y.rows(), y.cols());
    if (y.rows() > 0 && y.cols() > 0) {
      grids
          .overRows(launcher.function("memory.cu", "copy_rows"), y.rows(), y.cols(), grids.share())
          .arg(y.data())
          .arg(y.stride())
          .arg(x.data())
          .arg(x.stride())
          .arg(y.cols())
          .arg(accumulate ? 1 : 0)
          .run();
    }
  }

  void addColumnSums(Buffer sum, Matrix x) {
    Contract.f32("addColumnSums", "sum", sum, x.cols());
    Contract.matrix("addColumnSums", "x", x, real);
    if (x.rows() == 0 || x.cols() == 0) {
      return;
    }
    long blockRows = PartialSums.blockRows(x.rows());
    long blocks = Math.ceilDiv(x.rows(), blockRows);
    Buffer partials = launcher.scratch("column sums", DType.F32, blocks * x.cols());
    sums.launch(launcher.function("columns.cu", "column_sums"), x.cols(), blocks)
        .arg(partials)
        .arg(x.data())
        .arg(x.stride())
        .arg(x.rows())
        .arg(x.cols())
        .arg(blockRows)
        .run();
    sums.add(sum, partials, x.cols(), blocks);
    partials.release();
  }
}
