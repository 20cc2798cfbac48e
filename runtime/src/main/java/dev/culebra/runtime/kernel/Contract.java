package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import java.lang.foreign.MemorySegment;

/** Checks of an operation's arguments, each an {@link IllegalArgumentException} that names it. */
public final class Contract {

  private Contract() {}

  /** The memory of a buffer of that type. */
  public static MemorySegment buffer(String operation, String what, Buffer x, DType dtype) {
    return typed(operation, what, x, dtype);
  }

  /** The memory of a buffer of that type and of exactly {@code length} elements. */
  public static MemorySegment buffer(
      String operation, String what, Buffer x, DType dtype, long length) {
    return sized(operation, what, x, dtype, length);
  }

  /** The memory of a matrix of that type that is not transposed. */
  public static MemorySegment matrix(String operation, String what, Matrix x, DType dtype) {
    MemorySegment memory = typed(operation, what, x.data(), dtype);
    if (x.transposed()) {
      throw wrong(operation, what + " must not be transposed");
    }
    return memory;
  }

  /** The memory of a matrix of that type and size that is not transposed. */
  public static MemorySegment matrix(
      String operation, String what, Matrix x, DType dtype, long rows, long cols) {
    if (x.rows() != rows || x.cols() != cols) {
      throw wrong(
          operation,
          what + " must be " + rows + " x " + cols + ", not " + x.rows() + " x " + x.cols());
    }
    return matrix(operation, what, x, dtype);
  }

  /** The memory of an F32 buffer. */
  public static MemorySegment f32(String operation, String what, Buffer x) {
    return typed(operation, what, x, DType.F32);
  }

  /** The memory of an F32 buffer of exactly {@code length} elements. */
  public static MemorySegment f32(String operation, String what, Buffer x, long length) {
    return sized(operation, what, x, DType.F32, length);
  }

  /** The memory of an I32 buffer of exactly {@code length} elements. */
  public static MemorySegment i32(String operation, String what, Buffer x, long length) {
    return sized(operation, what, x, DType.I32, length);
  }

  /** The memory of an F32 matrix that is not transposed. */
  public static MemorySegment f32(String operation, String what, Matrix x) {
    return matrix(operation, what, x, DType.F32);
  }

  /** The memory of an F32 matrix of the given size that is not transposed. */
  public static MemorySegment f32(String operation, String what, Matrix x, long rows, long cols) {
    return matrix(operation, what, x, DType.F32, rows, cols);
  }

  /** Host memory that is copied to or from a buffer has the buffer's size. */
  public static void hostSize(String operation, Buffer buffer, MemorySegment host) {
    if (host.byteSize() != buffer.bytes()) {
      throw wrong(
          operation,
          buffer + " has " + buffer.bytes() + " bytes, the host memory " + host.byteSize());
    }
  }

  /** The product of a and b, each as its transposition says, has the shape of c. */
  public static void product(String operation, Matrix c, Matrix a, Matrix b) {
    if (a.height() != c.rows() || b.width() != c.cols() || a.width() != b.height()) {
      throw wrong(
          operation,
          shape(a) + " times " + shape(b) + " does not give " + c.rows() + " x " + c.cols());
    }
  }

  private static String shape(Matrix matrix) {
    return matrix.height() + " x " + matrix.width();
  }

  /** Where the compute type is F32 there is no second copy of the weights. */
  public static void noComputeWeights(String operation, Buffer computeWeights) {
    if (computeWeights != null) {
      throw wrong(operation, "this device computes in F32: computeWeights must be null");
    }
  }

  /** The exception: the operation's name, then what is wrong. */
  public static IllegalArgumentException wrong(String operation, String complaint) {
    return new IllegalArgumentException(operation + ": " + complaint);
  }

  private static MemorySegment sized(
      String operation, String what, Buffer x, DType dtype, long length) {
    MemorySegment memory = typed(operation, what, x, dtype);
    if (x.length() != length) {
      throw wrong(operation, what + " must have " + length + " elements, but it is " + x);
    }
    return memory;
  }

  private static MemorySegment typed(String operation, String what, Buffer x, DType dtype) {
    if (x == null) {
      throw wrong(operation, what + " is missing");
    }
    if (x.dtype() != dtype) {
      throw wrong(operation, what + " must be " + dtype + ", but it is " + x);
    }
    return x.memory();
  }
}
