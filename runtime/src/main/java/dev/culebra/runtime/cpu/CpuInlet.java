package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An inlet of the CPU: a second piece of memory, copied on delivery. */
final class CpuInlet implements Inlet {

  private final Arena arena = Arena.ofShared();
  private final MemorySegment host;
  private final Buffer buffer;
  private boolean sent;

  CpuInlet(Device device, String name, DType dtype, long length) {
    this.host = arena.allocate(length * dtype.bytes(), 64);
    this.buffer = device.allocate(name, dtype, length);
  }

  @Override
  public MemorySegment host() {
    return host;
  }

  @Override
  public void send() {
    sent = true;
  }

  @Override
  public void swap() {
    if (!sent) {
      throw new IllegalStateException("nothing was sent to " + buffer);
    }
    sent = false;
    buffer.memory().copyFrom(host);
  }

  @Override
  public Buffer buffer() {
    return buffer;
  }

  @Override
  public void close() {
    if (buffer.alive()) {
      buffer.release();
      arena.close();
    }
  }
}
