package dev.culebra.bindings;

import java.util.List;

/** A library could not be built from its sources; the message holds what the compiler said. */
public final class LibraryBuildException extends NativeLibraryException {

  LibraryBuildException(String message, List<Attempt> attempts) {
    super(message, attempts, null);
  }
}
