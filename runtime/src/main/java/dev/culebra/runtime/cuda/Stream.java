package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.MemorySegment;

/** A queue of device work that runs in order. */
final class Stream implements AutoCloseable {

  private MemorySegment handle;

  private Stream(MemorySegment handle) {
    this.handle = handle;
  }

  /** A stream that does not wait for the legacy default stream. */
  static Stream open() {
    return new Stream(
        Driver.handle(
            "cuStreamCreate", out -> Cuda.cuStreamCreate(out, Cuda.CU_STREAM_NON_BLOCKING())));
  }

  MemorySegment handle() {
    if (handle == null) {
      throw new IllegalStateException("a stream was used after its close");
    }
    return handle;
  }

  /** Waits until the work given so far is done. */
  void synchronize() {
    Driver.check(Cuda.cuStreamSynchronize(handle()), "cuStreamSynchronize");
  }

  /** Work given from now on starts after {@code event}. */
  void await(Event event) {
    Driver.check(Cuda.cuStreamWaitEvent(handle(), event.handle(), 0), "cuStreamWaitEvent");
  }

  /** Records work given from now on in a graph instead of running it. */
  void beginCapture() {
    Driver.check(
        Cuda.cuStreamBeginCapture_v2(handle(), Cuda.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL()),
        "cuStreamBeginCapture");
  }

  /** Ends a capture; the caller destroys the graph, whose handle is null if there is none. */
  MemorySegment endCapture() {
    return Driver.handle("cuStreamEndCapture", out -> Cuda.cuStreamEndCapture(handle(), out));
  }

  /** Whether a capture has begun and not ended. */
  boolean isCapturing() {
    return Driver.integer("cuStreamIsCapturing", out -> Cuda.cuStreamIsCapturing(handle(), out))
        != Cuda.CU_STREAM_CAPTURE_STATUS_NONE();
  }

  @Override
  public void close() {
    if (handle != null) {
      MemorySegment closing = handle;
      handle = null;
      Driver.check(Cuda.cuStreamDestroy_v2(closing), "cuStreamDestroy");
    }
  }
}
