package dev.culebra.runtime;

/**
 * Something the user gave cannot be used: a file, an option, a key, a shape.
 *
 * <p>The message is one sentence that says what is wrong, where (file, line, offset or key) and
 * what to do about it. The command line prints it as it is and exits with code 2. What the sentence
 * quotes comes from outside, so characters that would break the line, move the cursor or turn the
 * direction of writing are shown as escapes, and the middle of a very long one is left out.
 */
public class BadInputException extends RuntimeException {

  /** A complaint in one sentence. */
  public BadInputException(String message) {
    super(Printable.line(message));
  }

  /** A complaint in one sentence, with the exception that revealed it. */
  public BadInputException(String message, Throwable cause) {
    super(Printable.line(message), cause);
  }
}
