package dev.culebra.objectives.token;

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
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      boolean paired =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (!paired) {
        return i;
      }
      i++;
    }
    return -1;
  }
}
