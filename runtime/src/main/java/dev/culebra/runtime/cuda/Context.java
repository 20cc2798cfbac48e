package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The primary context of one GPU, current on the thread that opened it and usable on that thread
 * alone.
 *
 * <p>The driver binds contexts to the threads of the operating system, so it must be a platform
 * thread: a virtual one changes its carrier.
 */
final class Context implements AutoCloseable {

  private final int device;
  private final Thread owner = Thread.currentThread();
  private boolean closed;

  private Context(int device) {
    this.device = device;
  }

  /** Retains the context of device {@code ordinal} and makes it current. */
  static Context open(int ordinal) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a CUDA device must be opened on a platform thread, and this one is virtual");
    }
    int device = Driver.integer("cuDeviceGet", out -> Cuda.cuDeviceGet(out, ordinal));
    MemorySegment handle =
        Driver.handle(
            "cuDevicePrimaryCtxRetain", out -> Cuda.cuDevicePrimaryCtxRetain(out, device));
    Context context = new Context(device);
    try {
      Driver.check(Cuda.cuCtxSetCurrent(handle), "cuCtxSetCurrent");
    } catch (RuntimeException e) {
      Resources.closeAfter(e, context);
      throw e;
    }
    return context;
  }

  /** Throws if this is not the owner's thread, or the context is closed. */
  void check() {
    if (closed) {
      throw new IllegalStateException("the CUDA device was used after its close");
    }
    if (!Thread.currentThread().equals(owner)) {
      throw new IllegalStateException(
          "the CUDA device belongs to thread '"
              + owner.getName()
              + "' and was used on thread '"
              + Thread.currentThread().getName()
              + "'");
    }
  }

  /** An attribute of the device, by its number in {@code CUdevice_attribute}. */
  int attribute(int attribute) {
    return Driver.integer(
        "cuDeviceGetAttribute", out -> Cuda.cuDeviceGetAttribute(out, attribute, device));
  }

  /** The device's name. */
  String name() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(256);
      Driver.check(Cuda.cuDeviceGetName(name, (int) name.byteSize(), device), "cuDeviceGetName");
      return name.getString(0);
    }
  }

  /** Bytes of the device's memory. */
  long totalMemory() {
    return Driver.number("cuDeviceTotalMem", out -> Cuda.cuDeviceTotalMem_v2(out, device));
  }

  /** Waits until everything given to the device is done. */
  void synchronize() {
    check();
    Driver.check(Cuda.cuCtxSynchronize(), "cuCtxSynchronize");
  }

  /** Releases the context, which frees what is still allocated in it. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Driver.check(Cuda.cuDevicePrimaryCtxRelease_v2(device), "cuDevicePrimaryCtxRelease");
    }
  }
}
