package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import java.util.List;

/**
 * A weight of the model and its gradient.
 *
 * <p>A parameter may consist of several parts that lie one behind the other, such as the query, key
 * and value projections: the model computes with all of them at once, model files know each by its
 * own name.
 */
public final class Parameter {

  /** How a parameter is treated by optimisers. */
  public enum Kind {
    /** A matrix between hidden layers: decays, and Muon may take it. */
    HIDDEN,
    /** An output matrix that is not tied to an embedding: decays. */
    HEAD,
    /** An embedding table. */
    EMBEDDING,
    /** A bias. */
    BIAS,
    /** A gain or shift of a normalisation. */
    NORM;

    /** Whether weight decay applies by default. */
    public boolean decays() {
      return this == HIDDEN || this == HEAD;
    }
  }

  /**
   * A named part.
   *
   * @param name its name in model files
   * @param shape its shape in model files; as a matrix, a row for each of the first dimension, and
   *     one row alone if there is no other; [1, rows, width] is a table that files keep as a batch
   * @param init how it starts
   */
  public record Part(String name, List<Long> shape, Initializer init) {

    /** Number of elements. */
    public long length() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** Values per row. */
    long width() {
      if (shape.size() == 3 && shape.getFirst() == 1) {
        return shape.getLast();
      }
      return shape.size() < 2 ? length() : length() / shape.getFirst();
    }
  }

  private final Kind kind;
  private final List<Part> parts;
  private final long rows;
  private final long width;
  private Buffer value;
  private Buffer master;
  private Buffer gradient;
  private long offset;

  Parameter(Kind kind, List<Part> parts) {
    this.kind = kind;
    this.parts = List.copyOf(parts);
    this.width = parts.getFirst().width();
    long length = 0;
    for (Part part : parts) {
      if (part.width() != width) {
        throw new IllegalArgumentException("parts of different widths: " + parts);
      }
      length = Math.addExact(length, part.length());
    }
    this.rows = length / width;
  }

  void bind(long offset, Buffer value, Buffer master, Buffer gradient) {
    this.offset = offset;
    this.value = value;
    this.master = master;
    this.gradient = gradient;
  }

  /** How optimisers treat it. */
  public Kind kind() {
    return kind;
  }

  /** Its parts, in the order in which they lie in memory. */
  public List<Part> parts() {
    return parts;
  }

  /** The first part's name, which stands for all. */
  public String name() {
    return parts.getFirst().name();
  }

  /** Number of elements of all parts. */
  public long length() {
    return rows * width;
  }

  /** Its first element's index in the big buffers of {@link Parameters}. */
  public long offset() {
    return offset;
  }

  /** The weights in the compute type. */
  public Buffer value() {
    return value;
  }

  /** The float32 weights; the same memory as {@link #value} where float32 is the compute type. */
  public Buffer master() {
    return master;
  }

  /** The gradient, float32, which functions add to. */
  public Buffer gradient() {
    return gradient;
  }

  /** The weights as a matrix: parts stacked by rows, a vector is one row. */
  public Matrix matrix() {
    return Matrix.of(value, rows, width);
  }

  /** The gradient as a matrix. */
  public Matrix gradientMatrix() {
    return Matrix.of(gradient, rows, width);
  }

  @Override
  public String toString() {
    return name() + " (" + rows + " x " + width + ")";
  }
}
