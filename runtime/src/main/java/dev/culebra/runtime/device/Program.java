package dev.culebra.runtime.device;

/**
 * Work that repeats from step to step. A device may record it the second time and replay the
 * recording from then on; others run it each time.
 */
public interface Program extends AutoCloseable {

  /**
   * Runs the work once.
   *
   * @param shape whatever the work's operations depend on beside the content of buffers; equal
   *     shapes promise the same operations on the same buffers
   * @param work operations only: it allocates from an empty workspace and releases all of it, it
   *     neither uploads nor downloads
   */
  void run(Object shape, Runnable work);

  /** Frees the recordings. */
  @Override
  void close();

  /** A program that records nothing and runs the work each time. */
  static Program unrecorded() {
    return new Program() {
      @Override
      public void run(Object shape, Runnable work) {
        work.run();
      }

      @Override
      public void close() {}
    };
  }
}
