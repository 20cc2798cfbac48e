package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Inlet;
import java.lang.foreign.MemorySegment;

/**
 * An inlet of a CUDA device: pinned memory, copied by the copy stream to a waiting place on the
 * device, and from there to its fixed place by the compute stream.
 */
final class CudaInlet implements Inlet {

  private final CudaDevice device;
  private final Resources resources = new Resources();
  private final PinnedMemory pinned;
  private final Buffer waiting;
  private final Buffer place;
  private final Event sent;
  private final Event taken;
  private boolean fresh;

  CudaInlet(CudaDevice device, Buffer waiting, Buffer place) {
    this.device = device;
    this.waiting = waiting;
    this.place = place;
    try {
      this.pinned = resources.add(PinnedMemory.allocate(place.bytes()));
      this.sent = resources.add(Event.open());
      this.taken = resources.add(Event.open());
      taken.record(device.stream()); // the places were just cleared there
    } catch (RuntimeException e) {
      Resources.closeAfter(e, resources);
      throw e;
    }
  }

  @Override
  public MemorySegment host() {
    sent.synchronize();
    return pinned.segment();
  }

  @Override
  public void send() {
    Stream copy = device.copyStream();
    copy.await(taken);
    Driver.check(
        Cuda.cuMemcpyHtoDAsync_v2(
            waiting.memory().address(), pinned.segment(), waiting.bytes(), copy.handle()),
        "cuMemcpyHtoDAsync");
    sent.record(copy);
    fresh = true;
  }

  @Override
  public void swap() {
    if (!fresh) {
      throw new IllegalStateException("nothing was sent to " + place);
    }
    fresh = false;
    Stream compute = device.stream();
    compute.await(sent);
    Driver.check(
        Cuda.cuMemcpyDtoDAsync_v2(
            place.memory().address(), waiting.memory().address(), place.bytes(), compute.handle()),
        "cuMemcpyDtoDAsync");
    taken.record(compute);
  }

  @Override
  public Buffer buffer() {
    return place;
  }

  @Override
  public void close() {
    device.returned(this);
    try (resources) {
      if (place.alive()) {
        device.copyStream().synchronize();
        device.synchronize();
      }
    } finally {
      try {
        release(place);
      } finally {
        release(waiting);
      }
    }
  }

  private static void release(Buffer buffer) {
    if (buffer.alive()) {
      buffer.release();
    }
  }
}
