package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Supplier;

/** UTF-8 that must be well-formed, and text. */
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

  /** Decodes all bytes of a file, but for a byte order mark. */
  static String decode(byte[] bytes, Path file) {
    int start = byteOrderMark(bytes, bytes.length);
    return decode(bytes, start, bytes.length, file, start, () -> Survey.of(bytes, bytes.length));
  }

  /**
   * Decodes {@code bytes[from, to)}, a file or a row of it.
   *
   * @param file where they are from
   * @param offset where {@code bytes[from]} stands in the file, after decompression
   * @param whole looks over all of the file, where it is needed to say whose fault it is
   * @throws FileFault if the file is of another encoding or no text
   * @throws BadInputException with file and offset of the first byte that is not UTF-8, if the file
   *     is UTF-8 but for some damage
   */
  static String decode(
      byte[] bytes, int from, int to, Path file, long offset, Supplier<Survey> whole) {
    // The JDK's fast decoder replaces errors; only a text with replacements needs the strict one.
    String text = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      int error = firstError(bytes, from, to);
      if (error >= 0) {
        Survey survey = whole.get();
        String what =
            Format.text(
                "%s is not UTF-8 at byte offset %d (0x%02X)",
                file, offset + error, bytes[from + error]);
        throw survey.isDamaged()
            ? new BadInputException(what + ", where it is damaged: mend it")
            : fault(what, survey);
      }
    }
    if (text.indexOf(0) >= 0) {
      int zero = from;
      while (bytes[zero] != 0) {
        zero++;
      }
      throw fault(
          Format.text("%s has a zero byte at byte offset %d", file, offset + zero - from),
          whole.get());
    }
    if (Encodings.escapes(text)) {
      throw new FileFault(file + " has the escapes of ISO-2022-JP: convert it to UTF-8");
    }
    return text;
  }

  private static FileFault fault(String what, Survey survey) {
    return new FileFault(
        Format.text("%s; it looks like %s: convert it to UTF-8", what, survey.guess()));
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
}
