package dev.culebra.data.token;

/**
 * GPT-2's cutting of text into words, by hand. It finds what this expression finds, Unicode's
 * meaning of its classes given:
 *
 * <pre>{@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}</pre>
 *
 * <p>Every character belongs to exactly one word, so the words of a text, joined, are the text.
 * {@code \s} is Unicode's White_Space, as in Rust's expressions (Python's adds U+001C to U+001F).
 */
final class WordSplitter {
  private static final byte OTHER = 0;
  private static final byte LETTER = 1;
  private static final byte NUMBER = 2;
  private static final byte SPACE = 3;

  private static final int LETTERS =
      1 << Character.UPPERCASE_LETTER
          | 1 << Character.LOWERCASE_LETTER
          | 1 << Character.TITLECASE_LETTER
          | 1 << Character.MODIFIER_LETTER
          | 1 << Character.OTHER_LETTER;
  private static final int NUMBERS =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  private static final byte[] ASCII = new byte[128];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = classify(c);
    }
  }

  private WordSplitter() {}

  /** The end of the word that starts at {@code from}, which is below {@code to}. */
  static int end(char[] text, int from, int to) {
    char first = text[from];
    if (first == '\'') {
      int contraction = contraction(text, from, to);
      if (contraction > 0) {
        return from + contraction;
      }
    }
    int start = from;
    int kind = kindAt(text, start, to);
    if (first == ' ' && from + 1 < to) {
      int next = kindAt(text, from + 1, to);
      if (next != SPACE) {
        start = from + 1;
        kind = next;
      }
    }
    int end = start;
    do {
      end += width(text, end, to);
    } while (end < to && kindAt(text, end, to) == kind);
    // A run of spaces leaves its last one to the word after it. White space is never a pair of
    // chars.
    return kind == SPACE && end < to && end - from > 1 ? end - 1 : end;
  }

  private static int contraction(char[] text, int from, int to) {
    if (from + 1 >= to) {
      return 0;
    }
    char second = from + 2 < to ? text[from + 2] : 0;
    return switch (text[from + 1]) {
      case 's', 't', 'm', 'd' -> 2;
      case 'r', 'v' -> second == 'e' ? 3 : 0;
      case 'l' -> second == 'l' ? 3 : 0;
      default -> 0;
    };
  }

  private static int kindAt(char[] text, int i, int to) {
    char c = text[i];
    if (c < ASCII.length) {
      return ASCII[c];
    }
    return classify(Character.isSurrogate(c) ? Character.codePointAt(text, i, to) : c);
  }

  private static int width(char[] text, int i, int to) {
    char c = text[i];
    return Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text[i + 1])
        ? 2
        : 1;
  }

  private static byte classify(int codePoint) {
    int type = 1 << Character.getType(codePoint);
    if ((type & LETTERS) != 0) {
      return LETTER;
    }
    if ((type & NUMBERS) != 0) {
      return NUMBER;
    }
    return isWhiteSpace(codePoint) ? SPACE : OTHER;
  }

  /** Unicode's property White_Space, which {@link Character#isWhitespace} is not. */
  static boolean isWhiteSpace(int c) {
    return (c >= 0x09 && c <= 0x0D)
        || c == 0x20
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }
}
