package dev.culebra.data.token;

import java.util.Arrays;

/**
 * GPT-2's printable alphabet of the 256 bytes (its {@code bytes_to_unicode}).
 *
 * <p>Bytes that are printable and not a space in Latin-1 stand for themselves; the other 68, in
 * order, are written as U+0100, U+0101, ... (so a space is {@code Ġ}, U+0120). A token's string in
 * {@code tokenizer.json} is its bytes in this alphabet.
 */
final class ByteAlphabet {
  private static final char[] CHARS = new char[256];
  private static final short[] BYTES = new short[0x144];
  private static final int[] ORDER = new int[256];

  static {
    Arrays.fill(BYTES, (short) -1);
    int printable = 0;
    int others = 0;
    for (int b = 0; b < 256; b++) {
      boolean printed = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      if (printed) {
        ORDER[printable++] = b;
      }
      CHARS[b] = (char) (printed ? b : 0x100 + others++);
      BYTES[CHARS[b]] = (short) b;
    }
    for (int b = 0; b < 256; b++) {
      if (CHARS[b] >= 0x100) {
        ORDER[printable++] = b;
      }
    }
  }

  private ByteAlphabet() {}

  /** The character that stands for byte {@code b} (0 to 255). */
  static char charOf(int b) {
    return CHARS[b];
  }

  /** The byte (0 to 255) that a character stands for, or -1. */
  static int byteOf(char c) {
    return c < BYTES.length ? BYTES[c] : -1;
  }

  /** The byte at place {@code i} when bytes are sorted by their characters. */
  static int byteAt(int i) {
    return ORDER[i];
  }

  /** The bytes that a string in this alphabet stands for, or null if it has other characters. */
  static byte[] bytesOf(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = byteOf(token.charAt(i));
      if (b < 0) {
        return null;
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
