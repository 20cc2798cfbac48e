package dev.culebra.runtime.text;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  private static final Pattern HEAD = Pattern.compile("(.*?)( (?:of|to|that) .*)?");

  /**
   * A number of things: {@code 1 pair of texts}, {@code 1,204 pairs of texts}, {@code 2 classes}.
   *
   * @param several what they are, in the plural; what follows "of", "to" or "that" stays
   */
  public static String count(long number, String several) {
    return text("%,d %s", number, number == 1 ? one(several) : several);
  }

  private static String one(String several) {
    Matcher parts = HEAD.matcher(several);
    if (!parts.matches()) {
      return several;
    }
    String head = parts.group(1).replaceFirst("(?:(?<=ss|ch|sh|x)e)?s$", "");
    return parts.group(2) == null ? head : head + parts.group(2);
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
