package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.runtime.device.Turns;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The primary context of one GPU, current on the thread that opened it and on every thread that
 * takes a turn after another one.
 *
 * <p>The driver binds contexts to the threads of the operating system, so these must be platform
 * threads: a virtual one changes its carrier.
 */
final class Context implements AutoCloseable {

  private final int device;
  private final MemorySegment handle;
  private final Turns turns;
  private boolean closed;

  private Context(int device, MemorySegment handle, String name) {
    this.device = device;
    this.handle = handle;
    this.turns = new Turns(name, this::makeCurrent);
  }

  /** Retains the context of device {@code ordinal}, called so, and makes it current. */
  static Context open(int ordinal, String name) {
    refuseVirtual();
    int device = Driver.integer("cuDeviceGet", out -> Cuda.cuDeviceGet(out, ordinal));
    MemorySegment handle =
        Driver.handle(
            "cuDevicePrimaryCtxRetain", out -> Cuda.cuDevicePrimaryCtxRetain(out, device));
    Context context = new Context(device, handle, name);
    try {
      context.makeCurrent();
    } catch (RuntimeException e) {
      Resources.closeAfter(e, context);
      throw e;
    }
    return context;
  }

  private static void refuseVirtual() {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          "a CUDA device must be used on a platform thread, and this one is virtual");
    }
  }

  private void makeCurrent() {
    if (!closed) {
      refuseVirtual();
      Driver.check(Cuda.cuCtxSetCurrent(handle), "cuCtxSetCurrent");
    }
  }

  /** Waits for the current thread's turn. */
  Turns.Turn turn() {
    return turns.take();
  }

  /** Throws if this thread may not use the context now, or it is closed. */
  void check() {
    if (closed) {
      throw new IllegalStateException("the CUDA device was used after its close");
    }
    turns.check();
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
