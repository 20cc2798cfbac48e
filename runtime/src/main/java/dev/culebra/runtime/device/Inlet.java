package dev.culebra.runtime.device;

import java.lang.foreign.MemorySegment;

/**
 * A fixed place in device memory that the host refills while earlier work still reads it.
 *
 * <p>The host writes {@link #host} and calls {@link #send}; from {@link #swap} on, operations find
 * what was sent in {@link #buffer}. The next content may be written and sent before the work that
 * reads the one before has finished.
 */
public interface Inlet extends AutoCloseable {

  /** Where the host writes, of the buffer's size; waits until the last content was taken. */
  MemorySegment host();

  /** Starts to copy what the host wrote. */
  void send();

  /**
   * Puts what was sent in place, after all work given before.
   *
   * @throws IllegalStateException if nothing new was sent
   */
  void swap();

  /** The place, of the type that was asked for. */
  Buffer buffer();

  /** Frees the memory. */
  @Override
  void close();
}
