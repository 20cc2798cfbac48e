package dev.culebra.bindings;

import java.util.Locale;

/** A loaded library does not export a function that a generated binding calls. */
public final class MissingSymbolException extends NativeLibraryException {

  private final String symbol;

  MissingSymbolException(NativeLibrary library, String version, String symbol, LinkageError cause) {
    super(
        String.format(
            Locale.ROOT,
            "%s (%s, %s) does not export %s; set the property %s or the environment variable %s to"
                + " another file.",
            library.path(),
            library.name(),
            version,
            symbol,
            library.property(),
            library.variable()),
        library.attempts(),
        cause);
    this.symbol = symbol;
  }

  /** The C name of the missing function. */
  public String symbol() {
    return symbol;
  }
}
