package dev.culebra.runtime;

/**
 * Something the user gave cannot be used: a file, an option, a key, a shape.
 *
 * <p>The message is one sentence that says what is wrong, where (file, line, offset or key) and
 * what to do about it. The command line prints it as it is and exits with code 2.
 */
public final class BadInputException extends RuntimeException {

  /** A complaint in one sentence. */
  public BadInputException(String message) {
    super(message);
  }

  /** A complaint in one sentence, with the exception that revealed it. */
  public BadInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
