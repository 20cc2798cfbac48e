package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.MemorySegment;

/** Host memory that the device copies from and to by itself, while the host goes on. */
final class PinnedMemory implements AutoCloseable {

  private final MemorySegment segment;
  private boolean closed;

  private PinnedMemory(MemorySegment segment) {
    this.segment = segment;
  }

  /** Allocates {@code bytes} of page-locked memory. */
  static PinnedMemory allocate(long bytes) {
    MemorySegment pointer =
        Driver.handle("cuMemHostAlloc", out -> Cuda.cuMemHostAlloc(out, Math.max(1, bytes), 0));
    return new PinnedMemory(pointer.reinterpret(bytes));
  }

  /** The memory, readable and writable by the host. */
  MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException("pinned memory was used after its release");
    }
    return segment;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Driver.check(Cuda.cuMemFreeHost(segment), "cuMemFreeHost");
    }
  }
}
