package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;

/** Cuts the pool's memory for one thread into the arrays of a task, aligned to cache lines. */
final class Scratch {

  private static final long LINE = 64;

  private final CpuPool pool;
  private final int thread;
  private MemorySegment memory;
  private long used;

  Scratch(CpuPool pool, int thread) {
    this.pool = pool;
    this.thread = thread;
  }

  /** Takes memory for arrays of these many floats. */
  void reserve(long... floats) {
    long bytes = 0;
    for (long count : floats) {
      bytes += bytes(count);
    }
    memory = pool.scratch(thread, bytes);
    used = 0;
  }

  /** The next array of {@code floats} floats, of undefined content. */
  MemorySegment next(long floats) {
    MemorySegment array = memory.asSlice(used, bytes(floats));
    used += bytes(floats);
    return array;
  }

  private static long bytes(long floats) {
    return Math.ceilDiv(floats * Float.BYTES, LINE) * LINE;
  }
}
