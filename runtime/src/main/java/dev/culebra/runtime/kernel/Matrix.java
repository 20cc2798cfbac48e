package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * A matrix in device memory, row by row: element (i, j) is {@code data[i * stride + j]}.
 *
 * @param data the elements, starting with (0, 0)
 * @param rows number of rows
 * @param cols number of columns
 * @param stride elements from one row's start to the next one's, at least {@code cols}
 * @param transposed whether an operation reads it as its transpose
 */
public record Matrix(Buffer data, long rows, long cols, long stride, boolean transposed) {

  /** Checks that the matrix lies inside its buffer. */
  public Matrix {
    if (rows < 0 || cols < 0 || stride < cols) {
      throw new IllegalArgumentException(
          "matrix of " + rows + " x " + cols + " with stride " + stride + " over " + data);
    }
    if (rows > 0
        && cols > 0
        && Math.addExact(Math.multiplyExact(rows - 1, stride), cols) > data.length()) {
      throw new IllegalArgumentException(
          "matrix of " + rows + " x " + cols + " with stride " + stride + " does not fit " + data);
    }
  }

  /** A dense matrix that fills the beginning of {@code data}. */
  public static Matrix of(Buffer data, long rows, long cols) {
    return new Matrix(data, rows, cols, cols, false);
  }

  /** The transpose, without moving anything. */
  public Matrix t() {
    return new Matrix(data, rows, cols, stride, !transposed);
  }

  /** Columns {@code from} to {@code from + count} of an untransposed matrix. */
  public Matrix columns(long from, long count) {
    if (transposed || from < 0 || count < 0 || from > cols - count) {
      throw new IndexOutOfBoundsException("columns " + from + " + " + count + " of " + this);
    }
    long offset = rows == 0 ? 0 : from;
    return new Matrix(data.slice(offset, data.length() - offset), rows, count, stride, false);
  }

  /** Rows {@code from} to {@code from + count} of an untransposed matrix. */
  public Matrix rows(long from, long count) {
    if (transposed || from < 0 || count < 0 || from > rows - count) {
      throw new IndexOutOfBoundsException("rows " + from + " + " + count + " of " + this);
    }
    long offset = count == 0 ? 0 : from * stride;
    return new Matrix(data.slice(offset, data.length() - offset), count, cols, stride, false);
  }

  /** Rows as an operation sees them. */
  public long height() {
    return transposed ? cols : rows;
  }

  /** Columns as an operation sees them. */
  public long width() {
    return transposed ? rows : cols;
  }
}
