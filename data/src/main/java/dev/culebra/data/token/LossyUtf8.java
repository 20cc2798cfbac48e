package dev.culebra.data.token;

import java.nio.charset.StandardCharsets;

/**
 * UTF-8 to text, with one U+FFFD for each maximal part of a character that is cut short or not
 * allowed: Unicode's recommendation (3.9, U+FFFD Substitution of Maximal Subparts), which Rust
 * follows. The JDK's decoder differs on encoded surrogates.
 */
final class LossyUtf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private LossyUtf8() {}

  static String decode(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : decodeSlowly(bytes);
  }

  private static String decodeSlowly(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; ) {
      int lead = Byte.toUnsignedInt(bytes[i]);
      int length = length(lead);
      int end = i + 1;
      while (end < i + length && end < bytes.length && mayFollow(lead, end - i, bytes[end])) {
        end++;
      }
      if (length > 0 && end == i + length) {
        text.append(new String(bytes, i, length, StandardCharsets.UTF_8));
      } else {
        text.append(REPLACEMENT);
      }
      i = end;
    }
    return text.toString();
  }

  /** How many bytes a character has by its first byte; 0 if no character starts so. */
  private static int length(int lead) {
    if (lead < 0x80) {
      return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
      return 0;
    }
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  }

  private static boolean mayFollow(int lead, int place, byte next) {
    int b = Byte.toUnsignedInt(next);
    int least = 0x80;
    int most = 0xBF;
    if (place == 1) {
      switch (lead) {
        case 0xE0 -> least = 0xA0; // shorter forms exist
        case 0xED -> most = 0x9F; // surrogates
        case 0xF0 -> least = 0x90; // shorter forms exist
        case 0xF4 -> most = 0x8F; // beyond U+10FFFF
        default -> {}
      }
    }
    return b >= least && b <= most;
  }
}
