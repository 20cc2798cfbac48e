package dev.culebra.runtime.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads, the caller among them, that share the tasks of one loop at a time.
 *
 * <p>Which thread runs a task is not determined, so results must depend on the task's index alone:
 * loops are cut by rules that do not know the number of threads. Idle threads spin briefly, because
 * the next loop usually follows at once, then park.
 */
final class CpuPool implements AutoCloseable {

  /** One task of a loop. */
  interface Task {
    /**
     * Runs task {@code index}.
     *
     * @param thread which of the pool's threads runs it, for {@link #scratch}
     */
    void run(long index, int thread);
  }

  /** A task over a range of rows. */
  interface RangeTask {
    /** Runs rows {@code from} to {@code to}, the latter excluded, as thread {@code thread}. */
    void run(long from, long to, int thread);
  }

  private static final int SPINS = 1 << 13;

  private static final class Job {
    final Task task;
    final long count;
    final AtomicLong next = new AtomicLong();
    final AtomicLong completed = new AtomicLong();
    volatile Throwable failure;

    Job(Task task, long count) {
      this.task = task;
      this.count = count;
    }

    void work(int thread) {
      long done = 0;
      for (long i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        try {
          if (failure == null) {
            task.run(i, thread);
          }
        } catch (Throwable e) {
          failure = e;
        }
        done++;
      }
      completed.addAndGet(done);
    }
  }

  private final Thread[] workers;
  private final AtomicInteger[] parked;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] scratch;
  private volatile Job current;
  private volatile boolean closed;

  /** A pool of {@code threads} threads, of which {@code threads - 1} are started here. */
  CpuPool(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a pool needs at least 1 thread, not " + threads);
    }
    workers = new Thread[threads - 1];
    parked = new AtomicInteger[threads - 1];
    scratch = new MemorySegment[threads];
    for (int i = 0; i < workers.length; i++) {
      int worker = i;
      parked[i] = new AtomicInteger();
      workers[i] =
          Thread.ofPlatform().daemon().name("culebra-cpu-" + (i + 1)).unstarted(() -> loop(worker));
    }
    for (Thread worker : workers) {
      worker.start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /** Runs tasks 0 to {@code count - 1}, each once, and returns when all are done. */
  void run(long count, Task task) {
    if (closed) {
      throw new IllegalStateException("the CPU device was used after its close");
    }
    if (workers.length == 0 || count <= 1) {
      for (long i = 0; i < count; i++) {
        task.run(i, 0);
      }
      return;
    }
    Job job = new Job(task, count);
    current = job;
    for (int i = 0; i < workers.length && i < count - 1; i++) {
      if (parked[i].get() != 0) {
        LockSupport.unpark(workers[i]);
      }
    }
    job.work(0);
    for (int spins = 0; job.completed.get() < count; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(1_000);
      }
    }
    if (job.failure != null) {
      rethrow(job.failure);
    }
  }

  /** Runs the rows 0 to {@code rows - 1} in pieces of {@code piece} rows, the last one shorter. */
  void rows(long rows, long piece, RangeTask task) {
    run(
        Math.ceilDiv(rows, piece),
        (i, thread) -> task.run(i * piece, Math.min(rows, (i + 1) * piece), thread));
  }

  /**
   * Memory of at least {@code bytes} bytes for the thread's current task, of undefined content. It
   * is kept and reused, so a steady loop allocates nothing.
   */
  MemorySegment scratch(int thread, long bytes) {
    MemorySegment memory = scratch[thread];
    if (memory == null || memory.byteSize() < bytes) {
      memory = arena.allocate(Math.max(bytes, 1 << 16), 64);
      scratch[thread] = memory;
    }
    return memory;
  }

  private void loop(int worker) {
    Job last = null;
    while (!closed) {
      Job job = current;
      for (int spins = 0; job == last && spins < SPINS; spins++) {
        Thread.onSpinWait();
        job = current;
      }
      if (job == last) {
        parked[worker].set(1);
        while (current == last && !closed) {
          LockSupport.park(this);
        }
        parked[worker].set(0);
        continue;
      }
      last = job;
      job.work(worker + 1);
    }
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(failure);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    arena.close();
  }
}
