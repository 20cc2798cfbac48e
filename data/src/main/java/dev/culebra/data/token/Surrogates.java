package dev.culebra.data.token;

/** Java strings may hold unpaired surrogates, which no UTF-8 can express. */
final class Surrogates {
  private static final char REPLACEMENT = '\uFFFD';

  private Surrogates() {}

  /** The text with every unpaired surrogate replaced by U+FFFD; the same object if it has none. */
  static String repair(String text) {
    int i = firstUnpaired(text, 0);
    if (i < 0) {
      return text;
    }
    StringBuilder repaired = new StringBuilder(text);
    for (; i >= 0; i = firstUnpaired(text, i + 1)) {
      repaired.setCharAt(i, REPLACEMENT);
    }
    return repaired.toString();
  }

  private static int firstUnpaired(String text, int from) {
    int i = from;
    while (i < text.length()) {
      if (!Character.isSurrogate(text.charAt(i))) {
        i++;
      } else if (isPair(text, i)) {
        i += 2;
      } else {
        return i;
      }
    }
    return -1;
  }

  private static boolean isPair(String text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }
}
