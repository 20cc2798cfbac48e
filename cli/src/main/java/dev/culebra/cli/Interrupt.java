package dev.culebra.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Lets an interrupt (SIGINT, SIGTERM, SIGHUP) end work in good order.
 *
 * <p>The JVM answers these signals by running shutdown hooks and then dying with 128 + signal. The
 * hook here asks the work to stop and holds the JVM until the command has said its last word.
 */
final class Interrupt implements AutoCloseable {

  private static final CountDownLatch COMMAND_ENDED = new CountDownLatch(1);

  private final Thread hook;
  private volatile boolean armed;
  private volatile boolean asked;

  /**
   * Watches for an interrupt until closed. Before {@link #arm} the JVM dies at once.
   *
   * @param notice runs when the work is asked to stop
   */
  Interrupt(Runnable notice) {
    this.hook =
        new Thread(
            () -> {
              if (armed) {
                asked = true;
                notice.run();
                awaitEndOfCommand();
              }
            },
            "culebra-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** From now on there is something to save. */
  void arm() {
    armed = true;
  }

  /** Whether the work shall stop. */
  boolean asked() {
    return asked;
  }

  /** Nothing more will be printed: the JVM may die. */
  static void commandEnded() {
    COMMAND_ENDED.countDown();
  }

  private static void awaitEndOfCommand() {
    try {
      COMMAND_ENDED.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    armed = false;
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM began to die just now and runs the hook, which ends with the command.
        asked = true;
      }
    }
  }
}
