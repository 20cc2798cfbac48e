package dev.culebra.runtime;

import dev.culebra.runtime.text.Format;

/**
 * Sentences that quote what comes from outside, in one line: characters that would break it, move
 * the cursor or turn the direction of writing are shown as escapes, and the middle of a very long
 * one is left out.
 */
final class Printable {
  private static final int LONGEST = 1000;
  private static final int LONGEST_END = 300;

  private Printable() {}

  static String line(String message) {
    if (message.length() <= LONGEST) {
      return escaped(message);
    }
    String begin = message.substring(0, LONGEST - LONGEST_END);
    return escaped(begin) + " ... " + escaped(message.substring(message.length() - LONGEST_END));
  }

  private static String escaped(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isPrintable(c)) {
                plain.appendCodePoint(c);
              } else {
                plain.append(
                    switch (c) {
                      case '\n' -> "\\n";
                      case '\r' -> "\\r";
                      case '\t' -> "\\t";
                      default -> Format.text("\\u%04x", c);
                    });
              }
            });
    return plain.toString();
  }

  private static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> !turns(character);
    };
  }

  /** Embeddings, overrides and isolates of Unicode's bidirectional algorithm. */
  private static boolean turns(int character) {
    return (character >= 0x202A && character <= 0x202E)
        || (character >= 0x2066 && character <= 0x2069);
  }
}
