package dev.culebra.data.read;

import java.io.IOException;
import java.io.InputStream;

/**
 * Looks over all bytes of a file in which some are not UTF-8, and says whose fault that is: the
 * file's, which is of another encoding or no text, or that of a few damaged rows in good UTF-8.
 */
final class Survey {
  private static final int HEAD = 1 << 16;

  /** Characters of several bytes that are well-formed, per ill-formed byte, in damaged UTF-8. */
  private static final int DAMAGED = 3;

  private final byte[] head = new byte[HEAD];
  private int headLength;
  private long characters;
  private long errors;
  private boolean zeros;

  // The character that is being read.
  private int missing;
  private int least;
  private int most;

  private Survey() {}

  /** Looks over the bytes of a file to their end. */
  static Survey of(InputStream in) throws IOException {
    Survey survey = new Survey();
    byte[] chunk = new byte[1 << 16];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      survey.take(chunk, read);
    }
    survey.end();
    return survey;
  }

  /** Looks over all bytes of a text. */
  static Survey of(byte[] bytes, int length) {
    Survey survey = new Survey();
    survey.take(bytes, length);
    survey.end();
    return survey;
  }

  private void take(byte[] bytes, int length) {
    int kept = Math.min(HEAD - headLength, length);
    System.arraycopy(bytes, 0, head, headLength, kept);
    headLength += kept;
    for (int i = 0; i < length; i++) {
      take(bytes[i] & 0xFF);
    }
  }

  /** Table 3-7 of the Unicode standard: well-formed UTF-8 byte sequences. */
  private void take(int value) {
    zeros |= value == 0;
    if (missing > 0 && value >= least && value <= most) {
      least = 0x80;
      most = 0xBF;
      missing--;
      characters += missing == 0 ? 1 : 0;
      return;
    }
    end();
    if (value < 0x80) {
      return;
    }
    if (value < 0xC2 || value > 0xF4) {
      errors++;
      return;
    }
    missing = value < 0xE0 ? 1 : value < 0xF0 ? 2 : 3;
    least = value == 0xE0 ? 0xA0 : value == 0xF0 ? 0x90 : 0x80;
    most = value == 0xED ? 0x9F : value == 0xF4 ? 0x8F : 0xBF;
  }

  /** No byte that would go on with the character follows. */
  private void end() {
    errors += missing > 0 ? 1 : 0;
    missing = 0;
  }

  /** Whether the file is UTF-8 but for some damage. */
  boolean isDamaged() {
    return !zeros && characters >= DAMAGED * errors;
  }

  /** What the file looks like. */
  String guess() {
    return Encodings.guess(head, headLength);
  }
}
