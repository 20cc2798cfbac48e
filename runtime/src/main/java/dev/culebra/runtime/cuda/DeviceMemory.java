package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.MemorySegment;

/** An allocation in the memory of the device. */
final class DeviceMemory implements AutoCloseable {

  private final MemorySegment segment;
  private boolean closed;

  private DeviceMemory(MemorySegment segment) {
    this.segment = segment;
  }

  /**
   * Allocates {@code bytes}, aligned to 256; an empty allocation takes one byte.
   *
   * @throws CudaException also if there is no room
   */
  static DeviceMemory allocate(long bytes) {
    long address = Driver.number("cuMemAlloc", out -> Cuda.cuMemAlloc_v2(out, Math.max(1, bytes)));
    return new DeviceMemory(MemorySegment.ofAddress(address).reinterpret(bytes));
  }

  /** The addresses; their content must not be read by the host. */
  MemorySegment segment() {
    if (closed) {
      throw new IllegalStateException("device memory was used after its release");
    }
    return segment;
  }

  /** Size in bytes. */
  long bytes() {
    return segment.byteSize();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Driver.check(Cuda.cuMemFree_v2(segment.address()), "cuMemFree");
    }
  }
}
