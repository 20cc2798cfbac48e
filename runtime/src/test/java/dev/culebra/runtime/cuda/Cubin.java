package dev.culebra.runtime.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Machine code of one chip: an ELF file in which the section {@code .text.NAME} holds kernel NAME,
 * 16 bytes an instruction, whose lowest 12 bits are the operation (Volta and newer).
 */
final class Cubin {

  /** HMMA: a matrix product of half-precision values on tensor cores. */
  private static final long HMMA = 0x23c;

  private static final int SECTION_TABLE = 0x28;
  private static final int SECTION_SIZE = 0x3a;
  private static final int SECTION_COUNT = 0x3c;
  private static final int SECTION_OF_NAMES = 0x3e;
  private static final int INSTRUCTION_BYTES = 16;

  private final ByteBuffer elf;

  Cubin(byte[] image) {
    elf = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Tensor-core instructions of a kernel. */
  int tensorCoreInstructions(String kernel) {
    for (int i = 0; i < elf.getShort(SECTION_COUNT); i++) {
      if (name(i).equals(".text." + kernel)) {
        int from = (int) elf.getLong(section(i) + 24);
        int to = from + (int) elf.getLong(section(i) + 32);
        int count = 0;
        for (int at = from; at < to; at += INSTRUCTION_BYTES) {
          count += (elf.getLong(at) & 0xfff) == HMMA ? 1 : 0;
        }
        return count;
      }
    }
    throw new AssertionError("no code of kernel " + kernel);
  }

  private int section(int index) {
    return (int) elf.getLong(SECTION_TABLE) + index * elf.getShort(SECTION_SIZE);
  }

  private String name(int index) {
    int names = (int) elf.getLong(section(elf.getShort(SECTION_OF_NAMES)) + 24);
    int from = names + elf.getInt(section(index));
    int to = from;
    while (elf.get(to) != 0) {
      to++;
    }
    return new String(elf.array(), from, to - from, StandardCharsets.US_ASCII);
  }
}
