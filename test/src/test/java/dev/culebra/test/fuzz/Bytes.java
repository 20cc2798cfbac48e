package dev.culebra.test.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Changes files as bytes: cut, flipped, moved, and with numbers at the ends of their ranges. */
final class Bytes {
  private static final int LARGEST = 1 << 16;
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    65536,
    1 << 20,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final List<byte[]> PIECES =
      List.of(
          new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF},
          new byte[] {(byte) 0xFF, (byte) 0xFE},
          new byte[] {(byte) 0xC3, (byte) 0x28},
          new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
          new byte[] {(byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
          new byte[] {0},
          "\r\n".getBytes(StandardCharsets.US_ASCII),
          "\t\t".getBytes(StandardCharsets.US_ASCII),
          "\n".getBytes(StandardCharsets.US_ASCII),
          "\"".getBytes(StandardCharsets.US_ASCII),
          "[[[[".getBytes(StandardCharsets.US_ASCII),
          ": ".getBytes(StandardCharsets.US_ASCII),
          "- &a *a !!x ".getBytes(StandardCharsets.US_ASCII),
          "\u2028\u202e\ud83d\ude00".getBytes(StandardCharsets.UTF_8));

  private Bytes() {}

  /** Bytes with one to eight changes. */
  static byte[] mutate(byte[] bytes, RandomGenerator random) {
    byte[] changed = bytes;
    for (int changes = 1 + random.nextInt(8) * random.nextInt(2); changes > 0; changes--) {
      changed = changed(changed, random);
    }
    return changed.length <= Math.max(LARGEST, bytes.length + 64) ? changed : bytes;
  }

  private static byte[] changed(byte[] bytes, RandomGenerator random) {
    int length = bytes.length;
    int at = length == 0 ? 0 : at(length, random);
    int to = at + random.nextInt(Math.min(length - at, 64) + 1);
    byte[] piece = PIECES.get(random.nextInt(PIECES.size()));
    return switch (random.nextInt(10)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> replaced(bytes, at, to, new byte[0]);
      case 2 -> replaced(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
      case 3 -> replaced(bytes, at, at, piece);
      case 4 -> replaced(bytes, at, Math.min(length, at + piece.length), piece);
      case 5 -> replaced(bytes, at, at, random(random.nextInt(1, 20), random));
      case 6, 7 -> number(bytes, at, random);
      default -> flipped(bytes, at, random);
    };
  }

  /** Heads of files say most, so they are met more often. */
  private static int at(int length, RandomGenerator random) {
    return random.nextInt(3) == 0 ? random.nextInt(Math.min(length, 64)) : random.nextInt(length);
  }

  private static byte[] random(int count, RandomGenerator random) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] flipped(byte[] bytes, int at, RandomGenerator random) {
    if (bytes.length == 0) {
      return random(1, random);
    }
    byte[] copy = bytes.clone();
    copy[at] = (byte) (random.nextBoolean() ? copy[at] ^ 1 << random.nextInt(8) : random.nextInt());
    return copy;
  }

  private static byte[] number(byte[] bytes, int at, RandomGenerator random) {
    long number = NUMBERS[random.nextInt(NUMBERS.length)] + random.nextInt(-1, 2);
    ByteBuffer eight =
        ByteBuffer.allocate(8)
            .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int width = 1 << random.nextInt(4);
    switch (width) {
      case 1 -> eight.put((byte) number);
      case 2 -> eight.putShort((short) number);
      case 4 -> eight.putInt((int) number);
      default -> eight.putLong(number);
    }
    byte[] piece = Arrays.copyOf(eight.array(), width);
    return replaced(bytes, at, Math.min(bytes.length, at + width), piece);
  }

  /** The bytes with others in the place of those from {@code from} to {@code to}. */
  static byte[] replaced(byte[] bytes, int from, int to, byte[] others) {
    byte[] all = Arrays.copyOf(bytes, bytes.length - (to - from) + others.length);
    System.arraycopy(others, 0, all, from, others.length);
    System.arraycopy(bytes, to, all, from + others.length, bytes.length - to);
    return all;
  }
}
