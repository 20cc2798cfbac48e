package dev.culebra.bindings;

import java.util.List;

/**
 * No place offered a native library that could be loaded; the message lists every attempt and its
 * reason.
 */
public final class LibraryNotFoundException extends NativeLibraryException {

  LibraryNotFoundException(String message, List<Attempt> attempts) {
    super(message, attempts, null);
  }
}
