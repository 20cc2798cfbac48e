package dev.culebra.bindings;

import java.util.List;

/**
 * A native library cannot be used: it was not found, lacks a symbol, or is built in a way that the
 * bindings do not fit.
 *
 * <p>The message says which library, why, and which property or environment variable to set.
 */
public sealed class NativeLibraryException extends RuntimeException
    permits CompilerNotFoundException,
        LibraryBuildException,
        LibraryNotFoundException,
        MissingSymbolException {

  private final transient List<Attempt> attempts;

  NativeLibraryException(String message, List<Attempt> attempts, Throwable cause) {
    super(message, cause);
    this.attempts = List.copyOf(attempts);
  }

  /** Where the library was looked for, in order. */
  public List<Attempt> attempts() {
    return attempts;
  }
}
