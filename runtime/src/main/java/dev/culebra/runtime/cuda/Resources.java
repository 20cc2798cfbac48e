package dev.culebra.runtime.cuda;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What an object opened, closed from the last to the first.
 *
 * <p>One release that fails does not keep the others from being tried: the first failure is thrown
 * at the end, the others are suppressed in it.
 */
final class Resources implements AutoCloseable {

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /** Takes over a resource and returns it. */
  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes one resource before the others. */
  void close(AutoCloseable resource) {
    if (opened.remove(resource)) {
      try (Resources one = new Resources()) {
        one.add(resource);
      }
    }
  }

  /** Closes what is left of something that failed; what fails then is suppressed in the failure. */
  static void closeAfter(Throwable failure, AutoCloseable rest) {
    try {
      rest.close();
    } catch (Exception again) {
      failure.addSuppressed(again);
    }
  }

  @Override
  public void close() {
    RuntimeException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (RuntimeException e) {
        failure = first(failure, e);
      } catch (Exception e) {
        failure = first(failure, new IllegalStateException(e));
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static RuntimeException first(RuntimeException earlier, RuntimeException now) {
    if (earlier == null) {
      return now;
    }
    earlier.addSuppressed(now);
    return earlier;
  }
}
