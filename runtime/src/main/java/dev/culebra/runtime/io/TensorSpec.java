package dev.culebra.runtime.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a file says about one tensor: name, element type and shape.
 *
 * <p>Elements lie in row-major order, little-endian. The shape {@code []} is a scalar of one
 * element; a dimension of 0 makes an empty tensor.
 */
public final class TensorSpec {
  private final String name;
  private final StoredType type;
  private final long[] shape;
  private final long elements;
  private final long bytes;

  /**
   * A description whose size is known to fit.
   *
   * @throws IllegalArgumentException if a dimension is negative, or if the name is not valid
   *     Unicode (an unpaired surrogate)
   * @throws ArithmeticException if the tensor's size in bytes overflows a long
   */
  public TensorSpec(String name, StoredType type, long... shape) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
      throw new IllegalArgumentException("Not valid Unicode: tensor name " + IoErrors.quote(name));
    }
    this.name = name;
    this.type = type;
    this.shape = shape.clone();
    long product = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "Negative dimension in the shape "
                + Arrays.toString(shape)
                + " of tensor "
                + IoErrors.quote(name));
      }
      product = Math.multiplyExact(product, dimension);
    }
    this.elements = product;
    this.bytes = Math.multiplyExact(product, (long) type.bytes());
  }

  /** The tensor's name in the file. */
  public String name() {
    return name;
  }

  /** The type of its elements. */
  public StoredType type() {
    return type;
  }

  /** Its dimensions, outermost first; a copy. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements: the product of the shape. */
  public long elements() {
    return elements;
  }

  /** The number of bytes of all elements. */
  public long bytes() {
    return bytes;
  }

  /** For messages: {@code "name" F32 [2, 3]}. */
  @Override
  public String toString() {
    return IoErrors.quote(name) + " " + type + " " + Arrays.toString(shape);
  }
}
