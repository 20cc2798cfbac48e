package dev.culebra.runtime.device;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What an object takes of a device while it is made: all of it, or, where there is no room for the
 * rest, nothing.
 *
 * <pre>{@code
 * try (Acquired acquired = new Acquired()) {
 *   this.m = acquired.add(device.allocate("first moments", DType.F32, length));
 *   this.v = acquired.add(device.allocate("second moments", DType.F32, length));
 *   acquired.keep();
 * }
 * }</pre>
 */
public final class Acquired implements AutoCloseable {

  private final Deque<Runnable> releases = new ArrayDeque<>();

  /** Takes note of a buffer and returns it. */
  public Buffer add(Buffer buffer) {
    releases.push(buffer::release);
    return buffer;
  }

  /** Takes note of how something is given back. */
  public void add(Runnable release) {
    releases.push(release);
  }

  /** Everything was got: nothing is given back. */
  public void keep() {
    releases.clear();
  }

  /** Gives back what was taken, the last first, unless it is kept. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!releases.isEmpty()) {
      try {
        releases.pop().run();
      } catch (RuntimeException e) { // the others are still tried
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
