package dev.culebra.bindings;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A library loaded into this process for good: the generated bindings of the same class loader now
 * find its symbols.
 *
 * @param name the name for people, such as {@code OpenBLAS}
 * @param path the file that was loaded, with symbolic links followed
 * @param property the system property that names another file
 * @param variable the environment variable that names another file
 * @param attempts where the library was looked for, in order; the last one succeeded
 */
record NativeLibrary(
    String name, Path path, String property, String variable, List<Attempt> attempts) {

  /**
   * What {@link java.lang.foreign.SymbolLookup#findOrThrow} says, which generated bindings call.
   */
  private static final Pattern SYMBOL_NOT_FOUND = Pattern.compile("Symbol not found: (\\S+)");

  NativeLibrary {
    attempts = List.copyOf(attempts);
  }

  /**
   * Runs code that calls generated bindings for the first time.
   *
   * <p>A generated function looks up its symbol in a static initialiser, so a symbol that the
   * library lacks appears as an {@link ExceptionInInitializerError} at the first call and a {@link
   * NoClassDefFoundError} later. Other functions of the same binding are not affected.
   *
   * @param version what is known of the library's version, for the message
   * @throws MissingSymbolException instead of these two errors
   */
  <T> T call(String version, Supplier<T> binding) {
    try {
      return binding.get();
    } catch (ExceptionInInitializerError | NoClassDefFoundError e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        Matcher matcher = SYMBOL_NOT_FOUND.matcher(String.valueOf(cause.getMessage()));
        if (matcher.find()) {
          throw new MissingSymbolException(this, version, matcher.group(1), e);
        }
      }
      throw e;
    }
  }

  /**
   * What to throw when the library does not tell its version.
   *
   * @param call the function that was asked
   * @param code what it returned
   */
  NativeLibraryException silent(String call, int code) {
    return new NativeLibraryException(
        String.format(
            Locale.ROOT,
            "%s (%s) does not tell its version: %s returned %d; set the property %s or the"
                + " environment variable %s to another file.",
            path,
            name,
            call,
            code,
            property,
            variable),
        attempts,
        null);
  }
}
