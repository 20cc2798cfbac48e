package dev.culebra.runtime.cuda;

import dev.culebra.bindings.EventElapsedTime;
import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A mark in a stream: others can wait for it, and two of them measure time. */
final class Event implements AutoCloseable {

  private MemorySegment handle;

  private Event(MemorySegment handle) {
    this.handle = handle;
  }

  /** An event for ordering; it keeps no time. */
  static Event open() {
    return open(Cuda.CU_EVENT_DISABLE_TIMING());
  }

  /** An event that keeps the time. */
  static Event timing() {
    return open(Cuda.CU_EVENT_DEFAULT());
  }

  private static Event open(int flags) {
    return new Event(Driver.handle("cuEventCreate", out -> Cuda.cuEventCreate(out, flags)));
  }

  MemorySegment handle() {
    if (handle == null) {
      throw new IllegalStateException("an event was used after its close");
    }
    return handle;
  }

  /** Marks the work that {@code stream} was given so far. */
  void record(Stream stream) {
    Driver.check(Cuda.cuEventRecord(handle(), stream.handle()), "cuEventRecord");
  }

  /** Waits until the marked work is done; at once if nothing was marked. */
  void synchronize() {
    Driver.check(Cuda.cuEventSynchronize(handle()), "cuEventSynchronize");
  }

  /** Milliseconds from {@code start} to this event; both are done. */
  float since(Event start) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment milliseconds = arena.allocate(ValueLayout.JAVA_FLOAT);
      Driver.check(
          EventElapsedTime.cuEventElapsedTime(milliseconds, start.handle(), handle()),
          "cuEventElapsedTime");
      return milliseconds.get(ValueLayout.JAVA_FLOAT, 0);
    }
  }

  @Override
  public void close() {
    if (handle != null) {
      MemorySegment closing = handle;
      handle = null;
      Driver.check(Cuda.cuEventDestroy_v2(closing), "cuEventDestroy");
    }
  }
}
