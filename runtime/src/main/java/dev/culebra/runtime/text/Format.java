package dev.culebra.runtime.text;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;

/**
 * Texts with values in them, the same in every country: file names, figures, sentences. What the
 * JVM offers without a locale writes other digits and decimal points in Cairo than in Berlin.
 */
public final class Format {

  private Format() {}

  /**
   * A text with values.
   *
   * @param format as {@link java.util.Formatter} describes
   */
  @FormatMethod
  public static String text(@FormatString String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** A number of things: {@code 1 pair}, {@code 1,204 pairs}. */
  public static String count(long number, String one) {
    return count(number, one, one + "s");
  }

  /** A number of things whose plural has no s: {@code 1 loss}, {@code 2 losses}. */
  public static String count(long number, String one, String several) {
    return text("%,d %s", number, number == 1 ? one : several);
  }

  /** A library's message with its digits in ASCII, in whatever country it was composed. */
  public static String plainDigits(String message) {
    StringBuilder plain = new StringBuilder(message.length());
    message
        .codePoints()
        .forEach(
            c ->
                plain.appendCodePoint(
                    Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                        ? '0' + Character.digit(c, 10)
                        : c));
    return plain.toString();
  }
}
