package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Where an argument's cells lie in its allocation, between canaries that nobody may touch: a guard
 * in front and behind, and whatever lies between the rows of a matrix.
 *
 * <p>A canary is a NaN, or an integer that is no index: what is read there does not go unnoticed
 * either.
 *
 * @param argument whose cells they are
 * @param dtype their type
 * @param offset element at which the first row starts
 * @param stride elements from row to row
 */
record Placement(Argument argument, DType dtype, int offset, int stride) {

  private static final int GUARD = 64;
  private static final int CANARY_F32 = 0x7fe5a5a5;
  private static final short CANARY_BF16 = 0x7fe5;
  private static final int CANARY_I32 = 0x80a5a5a5;

  /** How cells lie. */
  enum Layout {
    /** Row behind row, at an aligned address. */
    DENSE,
    /** At any address, with gaps between the rows of matrices. */
    STRIDED
  }

  static Placement of(Argument argument, DType compute, Layout layout, Draw draw) {
    DType dtype = argument.dtype(compute);
    if (layout == Layout.DENSE) {
      return new Placement(argument, dtype, GUARD, argument.cols());
    }
    int gap = argument.strided() ? draw.between(1, 9) : 0;
    return new Placement(argument, dtype, GUARD + draw.between(0, 7), argument.cols() + gap);
  }

  /** Elements from the first cell to the last. */
  int extent() {
    return argument.count() == 0 ? 0 : (argument.rows() - 1) * stride + argument.cols();
  }

  /** Elements of the whole allocation. */
  int length() {
    return offset + extent() + GUARD;
  }

  private int element(int cell) {
    return offset + cell / argument.cols() * stride + cell % argument.cols();
  }

  /** The allocation's bytes, with {@code values} rounded into the cells. */
  byte[] encode(double[] values) {
    byte[] image = new byte[length() * dtype.bytes()];
    ByteBuffer bytes = buffer(image);
    for (int i = 0; i < length(); i++) {
      switch (dtype) {
        case F32 -> bytes.putInt(4 * i, CANARY_F32);
        case BF16 -> bytes.putShort(2 * i, CANARY_BF16);
        case I32 -> bytes.putInt(4 * i, CANARY_I32);
      }
    }
    for (int cell = 0; cell < values.length; cell++) {
      int i = element(cell);
      switch (dtype) {
        case F32 -> bytes.putFloat(4 * i, (float) values[cell]);
        case BF16 -> bytes.putShort(2 * i, bfloat16((float) values[cell]));
        case I32 -> bytes.putInt(4 * i, (int) values[cell]);
      }
    }
    return image;
  }

  /** The values of the cells. */
  double[] decode(byte[] image) {
    ByteBuffer bytes = buffer(image);
    double[] values = new double[argument.count()];
    for (int cell = 0; cell < values.length; cell++) {
      int i = element(cell);
      values[cell] =
          switch (dtype) {
            case F32 -> bytes.getFloat(4 * i);
            case BF16 -> Float.intBitsToFloat(bytes.getShort(2 * i) << 16);
            case I32 -> bytes.getInt(4 * i);
          };
    }
    return values;
  }

  /** The first element outside the cells where two images differ, or -1. */
  int firstCanaryTouched(byte[] before, byte[] after) {
    boolean[] cells = new boolean[length()];
    for (int cell = 0; cell < argument.count(); cell++) {
      cells[element(cell)] = true;
    }
    for (int i = 0; i < cells.length; i++) {
      if (!cells[i] && differ(before, after, i)) {
        return i;
      }
    }
    return -1;
  }

  /** The first cell where two images differ, or -1. */
  int firstCellChanged(byte[] before, byte[] after) {
    for (int cell = 0; cell < argument.count(); cell++) {
      if (differ(before, after, element(cell))) {
        return cell;
      }
    }
    return -1;
  }

  private boolean differ(byte[] before, byte[] after, int element) {
    int from = element * dtype.bytes();
    int to = from + dtype.bytes();
    return !Arrays.equals(before, from, to, after, from, to);
  }

  /** The upper half of a binary32, rounded to nearest even. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value)
        ? CANARY_BF16
        : (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String toString() {
    return argument.name() + " at element " + offset + " with stride " + stride;
  }
}
