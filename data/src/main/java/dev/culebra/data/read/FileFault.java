package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.Serial;

/**
 * A whole file cannot be used, not a row of it: none of it is read, and no share of it is borne.
 */
final class FileFault extends BadInputException {
  @Serial private static final long serialVersionUID = 1;

  FileFault(String message) {
    super(message);
  }
}
