package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;

/**
 * A value of the forward pass: rows of a width, on a device, with its gradient once backward
 * reached it.
 *
 * <p>Every tensor is a matrix. Sequences are flattened into rows, heads lie side by side in a row.
 * A tensor belongs to the {@link Tape} that made it and dies with it, or as soon as backward needs
 * it no more.
 */
public final class Tensor {

  private final String name;
  private final Buffer data;
  private final long rows;
  private final long width;
  private Buffer gradient;

  Tensor(String name, Buffer data, long rows, long width) {
    this.name = name;
    this.data = data;
    this.rows = rows;
    this.width = width;
  }

  /** Which layer's value this is, for messages. */
  public String name() {
    return name;
  }

  /** Number of rows. */
  public long rows() {
    return rows;
  }

  /** Values per row. */
  public long width() {
    return width;
  }

  /** The values, rows x width. */
  public Buffer data() {
    return data;
  }

  /** The values as a matrix. */
  public Matrix matrix() {
    return Matrix.of(data, rows, width);
  }

  /** The gradient, or null if none has arrived. */
  Buffer gradient() {
    return gradient;
  }

  void gradient(Buffer gradient) {
    this.gradient = gradient;
  }

  @Override
  public String toString() {
    return name + " (" + rows + " x " + width + ")";
  }
}
