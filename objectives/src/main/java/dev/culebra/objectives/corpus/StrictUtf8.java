package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** UTF-8 that must be well-formed. */
final class StrictUtf8 {
  private static final char REPLACEMENT = '\uFFFD';

  private StrictUtf8() {}

  /** How many bytes of byte order mark {@code bytes} starts with: 3 or 0. */
  static int byteOrderMark(byte[] bytes, int length) {
    return length >= 3
            && bytes[0] == (byte) 0xEF
            && bytes[1] == (byte) 0xBB
            && bytes[2] == (byte) 0xBF
        ? 3
        : 0;
  }

  /**
   * Decodes {@code bytes[from, to)}.
   *
   * @param file where they are from
   * @param offset where {@code bytes[from]} stands in the file, after decompression
   * @throws BadInputException with file and offset of the first byte that is not UTF-8
   */
  static String decode(byte[] bytes, int from, int to, Path file, long offset) {
    // The JDK's fast decoder replaces errors; only a text with replacements needs the strict one.
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      int error = firstError(bytes, from, to);
      if (error >= 0) {
        throw new BadInputException(
            Format.text(
                "%s is not UTF-8 at byte offset %d (0x%02X)%s: convert it to UTF-8",
                file, offset + error, bytes[from + error], hint(bytes, from, to, offset)));
      }
    }
    return text;
  }

  private static int firstError(byte[] bytes, int from, int to) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
    CharBuffer out = CharBuffer.allocate(1 << 13);
    while (true) {
      var result = decoder.decode(in, out, true);
      if (result.isError()) {
        return in.position() - from;
      }
      if (result.isUnderflow()) {
        return -1;
      }
      out.clear();
    }
  }

  private static String hint(byte[] bytes, int from, int to, long offset) {
    if (offset > 0 || to - from < 2) {
      return "";
    }
    int mark = ((bytes[from] & 0xFF) << 8) | (bytes[from + 1] & 0xFF);
    return mark == 0xFFFE || mark == 0xFEFF ? "; it starts like UTF-16" : "";
  }
}
