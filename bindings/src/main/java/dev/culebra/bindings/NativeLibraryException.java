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

  /** What stands between the reason and the attempts, in the messages of those that have any. */
  static final String TRIED = " Tried, in this order:";

  private final transient List<Attempt> attempts;

  NativeLibraryException(String message, List<Attempt> attempts, Throwable cause) {
    super(message, cause);
    this.attempts = List.copyOf(attempts);
  }

  /** Where the library was looked for, in order. */
  public List<Attempt> attempts() {
    return attempts;
  }

  /** The message without the attempts: one line. */
  public String reason() {
    return getMessage().lines().findFirst().orElse("").replace(TRIED, "");
  }
}
