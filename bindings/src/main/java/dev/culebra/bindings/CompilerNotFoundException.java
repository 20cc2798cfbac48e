package dev.culebra.bindings;

import java.util.List;

/** This machine has no C++ compiler, which the software CUDA device needs; the message says so. */
public final class CompilerNotFoundException extends NativeLibraryException {

  CompilerNotFoundException(String message, List<Attempt> attempts) {
    super(message, attempts, null);
  }
}
