package dev.culebra.runtime.device;

import dev.culebra.runtime.text.Format;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may use a device now: one thread at a time.
 *
 * <p>The thread that opened the device uses it freely as long as nobody else has a turn. Every
 * other thread takes a turn, and while it has one all others wait for theirs or are refused.
 */
public final class Turns {

  /** The right to use a device until it is closed, by the thread that took it. */
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Thread owner = Thread.currentThread();
  private final String device;
  private final Runnable taken;
  private Thread last = owner; // guarded by lock

  /** Turns of a device that the current thread opens. */
  public Turns(String device) {
    this(device, () -> {});
  }

  /**
   * Turns of a device that the current thread opens.
   *
   * @param taken runs on a thread that takes a turn after another one, before it uses the device
   */
  public Turns(String device, Runnable taken) {
    this.device = device;
    this.taken = taken;
  }

  /** Waits until no other thread has a turn, and takes one. A thread may take several. */
  public Turn take() {
    lock.lock();
    try {
      Thread now = Thread.currentThread();
      if (!now.equals(last)) {
        taken.run();
        last = now;
      }
      return lock::unlock;
    } catch (RuntimeException e) {
      lock.unlock();
      throw e;
    }
  }

  /**
   * Refuses a thread that may not use the device now.
   *
   * @throws IllegalStateException if another thread has a turn, or if this thread neither has one
   *     nor opened the device
   */
  public void check() {
    if (lock.isHeldByCurrentThread()) {
      return;
    }
    Thread now = Thread.currentThread();
    if (!now.equals(owner)) {
      throw new IllegalStateException(
          Format.text(
              "the device %s belongs to thread '%s' and was used on thread '%s' without a turn:"
                  + " take one by Device.turn()",
              device, owner.getName(), now.getName()));
    }
    if (lock.isLocked()) {
      throw new IllegalStateException(
          Format.text(
              "the device %s was used on thread '%s' while another thread has its turn: take one by"
                  + " Device.turn(), which waits",
              device, now.getName()));
    }
  }
}
