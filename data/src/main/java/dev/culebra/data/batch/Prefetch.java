package dev.culebra.data.batch;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.stream.Stream;

/**
 * Builds the batches of coming steps on a thread of its own, into a ring of batches that are used
 * again and again.
 *
 * <p>The thread that calls {@link #next} owns what it returns until its next call. What the source
 * throws is thrown there, when the step that failed is due.
 *
 * @param <B> what a micro-batch is on the host
 */
public final class Prefetch<B> implements AutoCloseable {
  private final BlockingQueue<List<B>> free;
  private final BlockingQueue<Object> ready;
  private final Thread worker;
  private List<B> lent;
  private RuntimeException failed;
  private boolean closed;

  /** What the worker leaves instead of batches when it stops. */
  private record Failure(Throwable cause) {}

  /**
   * Starts building.
   *
   * @param firstStep the step whose batches {@link #next} returns first
   * @param ahead how many steps to build ahead, at least 1
   */
  public Prefetch(TrainingBatches<B> source, long firstStep, int ahead) {
    if (ahead < 1) {
      throw new IllegalArgumentException("Steps ahead: " + ahead);
    }
    this.free = new ArrayBlockingQueue<>(ahead + 1);
    this.ready = new ArrayBlockingQueue<>(ahead + 1);
    for (int i = 0; i < ahead + 1; i++) {
      free.add(Stream.generate(source::newBatch).limit(source.microBatches()).toList());
    }
    this.worker =
        Thread.ofPlatform().daemon().name("prefetch").start(() -> build(source, firstStep));
  }

  private void build(TrainingBatches<B> source, long firstStep) {
    try {
      for (long step = firstStep; !Thread.currentThread().isInterrupted(); step++) {
        List<B> batches = free.take();
        for (int m = 0; m < batches.size(); m++) {
          source.fill(step, m, batches.get(m));
        }
        ready.add(batches);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed: nobody waits for more
    } catch (RuntimeException | Error e) {
      ready.add(new Failure(e));
    }
  }

  /**
   * The micro-batches of the next step; those of the step before may be overwritten from now on.
   */
  @SuppressWarnings("unchecked") // the worker adds lists of B, or a Failure
  public List<B> next() {
    if (closed) {
      throw new IllegalStateException("This prefetch is closed");
    }
    if (failed != null) {
      throw failed;
    }
    if (lent != null) {
      free.add(lent);
      lent = null;
    }
    try {
      switch (ready.take()) {
        case Failure(RuntimeException cause) -> {
          failed = cause;
          throw cause;
        }
        case Failure(Throwable cause) -> {
          failed = new IllegalStateException("Building batches failed", cause);
          throw failed;
        }
        case Object batches -> lent = (List<B>) batches;
      }
      return lent;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for a batch", e);
    }
  }

  /** Stops building and waits until it has stopped. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    worker.interrupt();
    boolean interrupted = false;
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
