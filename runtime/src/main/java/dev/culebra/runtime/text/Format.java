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
}
