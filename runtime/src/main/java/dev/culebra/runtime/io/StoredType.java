package dev.culebra.runtime.io;

import java.util.Optional;

/**
 * The element types of a safetensors file, under the format's own names.
 *
 * <p>The constants stand in the reference implementation's order of alignment, which also decides
 * the order of tensors in a file. Its types smaller than a byte (F4, F6) are not supported.
 */
public enum StoredType {
  /** One byte, 0 or 1. */
  BOOL(1),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** Signed 8-bit integer. */
  I8(1),
  /** 8-bit float, 5 exponent bits. */
  F8_E5M2(1),
  /** 8-bit float, 4 exponent bits. */
  F8_E4M3(1),
  /** 8-bit power of two, a scale of the OCP microscaling formats. */
  F8_E8M0(1),
  /** F8_E4M3 without infinities and negative zero. */
  F8_E4M3FNUZ(1),
  /** F8_E5M2 without infinities and negative zero. */
  F8_E5M2FNUZ(1),
  /** Signed 16-bit integer. */
  I16(2),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** IEEE 754 binary16. */
  F16(2),
  /** bfloat16: the upper half of a float32. */
  BF16(2),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** IEEE 754 binary32. */
  F32(4),
  /** Complex number of two float32. */
  C64(8),
  /** IEEE 754 binary64. */
  F64(8),
  /** Signed 64-bit integer. */
  I64(8),
  /** Unsigned 64-bit integer. */
  U64(8);

  private final int bytes;

  StoredType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The type of this name in a file's header, if it is known. */
  static Optional<StoredType> named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
