package dev.culebra.bindings;

import java.util.Locale;

/**
 * Who answers the CUDA calls of this process: chosen once, when the first of the libraries is
 * loaded.
 *
 * <p>NVIDIA's libraries and the software device export the same symbols. What is loaded stays
 * loaded, and which of two equal symbols the generated bindings would find is not defined.
 */
enum CudaProvider {
  NVIDIA("NVIDIA's libraries"),
  SOFTWARE("the software CUDA device");

  private static CudaProvider chosen;

  private final String text;

  CudaProvider(String text) {
    this.text = text;
  }

  /**
   * Refuses to go on if the other provider was chosen.
   *
   * @throws IllegalStateException if this process has loaded a library of the other provider
   */
  void requireFree() {
    synchronized (CudaProvider.class) {
      if (chosen != null && chosen != this) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "%s cannot be loaded: this process has loaded %s, and both export the same symbols;"
                    + " start another process",
                text,
                chosen.text));
      }
    }
  }

  /** Notes that a library of this provider is loaded. */
  void choose() {
    synchronized (CudaProvider.class) {
      requireFree();
      chosen = this;
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
