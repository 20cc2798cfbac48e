package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.MemorySegment;

/**
 * Pinned memory through which uploads and downloads go, in pieces: two slots, so that the host
 * fills one while the device empties the other.
 */
final class Staging implements AutoCloseable {

  private static final long PIECE = 4L << 20;

  private record Slot(PinnedMemory memory, Event free) {}

  private final Resources resources = new Resources();
  private final Stream stream;
  private final Slot[] slots = new Slot[2];
  private int next;

  Staging(Stream stream) {
    this.stream = stream;
    try {
      for (int i = 0; i < slots.length; i++) {
        slots[i] =
            new Slot(resources.add(PinnedMemory.allocate(PIECE)), resources.add(Event.open()));
      }
    } catch (RuntimeException e) {
      Resources.closeAfter(e, resources);
      throw e;
    }
  }

  /** Copies host memory to the device, in stream order; the source may be reused at once. */
  void upload(MemorySegment target, MemorySegment source) {
    for (long from = 0; from < source.byteSize(); from += PIECE) {
      long count = Math.min(PIECE, source.byteSize() - from);
      Slot slot = slot();
      MemorySegment.copy(source, from, slot.memory.segment(), 0, count);
      Driver.check(
          Cuda.cuMemcpyHtoDAsync_v2(
              target.address() + from, slot.memory.segment(), count, stream.handle()),
          "cuMemcpyHtoDAsync");
      slot.free.record(stream);
    }
  }

  /** Copies device memory to the host, after all earlier work of the stream. */
  void download(MemorySegment target, MemorySegment source) {
    for (long from = 0; from < target.byteSize(); from += PIECE) {
      long count = Math.min(PIECE, target.byteSize() - from);
      Slot slot = slot();
      Driver.check(
          Cuda.cuMemcpyDtoHAsync_v2(
              slot.memory.segment(), source.address() + from, count, stream.handle()),
          "cuMemcpyDtoHAsync");
      stream.synchronize();
      MemorySegment.copy(slot.memory.segment(), 0, target, from, count);
    }
  }

  private Slot slot() {
    Slot slot = slots[next];
    next = 1 - next;
    slot.free.synchronize();
    return slot;
  }

  @Override
  public void close() {
    resources.close();
  }
}
