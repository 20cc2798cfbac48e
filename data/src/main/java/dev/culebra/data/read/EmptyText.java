package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.Serial;

/** A text is well-formed but says nothing: it is left out, and no fault. */
final class EmptyText extends BadInputException {
  @Serial private static final long serialVersionUID = 1;

  EmptyText(String message) {
    super(message);
  }
}
