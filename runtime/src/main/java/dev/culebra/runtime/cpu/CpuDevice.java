package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.device.MemoryLedger;
import dev.culebra.runtime.device.MemoryReport;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.runtime.device.Program;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.device.Workspace;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The processor that runs this program, with a fixed number of its cores.
 *
 * <p>Memory lies outside the Java heap; {@code -XX:MaxDirectMemorySize} limits it (the JVM's
 * default is the size of the heap).
 */
public final class CpuDevice implements Device {

  private static final long ALIGNMENT = 256;

  private final CpuPool pool;
  private final CpuKernels kernels;
  private final Workspace workspace = new Workspace(this::block);
  private final String description;
  private final String summary;
  private final MemoryLedger<Arena> ledger = new MemoryLedger<>();
  private final Arena blocks = Arena.ofShared();
  private final Turns turns = new Turns("cpu");
  private boolean closed;

  private CpuDevice(int threads) {
    String library = Blas.load();
    pool = new CpuPool(threads);
    kernels = new CpuKernels(pool, workspace);
    summary = CpuModel.name() + ", " + threads + (threads == 1 ? " thread" : " threads");
    description = summary + ", " + Floats.SPECIES.vectorBitSize() + "-bit vectors, " + library;
  }

  /**
   * A device of {@code threads} threads, the caller among them.
   *
   * @throws dev.culebra.bindings.NativeLibraryException if OpenBLAS cannot be loaded
   */
  public static CpuDevice open(int threads) {
    return new CpuDevice(threads);
  }

  /** A device of as many threads as there are cores. */
  public static CpuDevice open() {
    return open(Runtime.getRuntime().availableProcessors());
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public Turns.Turn turn() {
    return turns.take();
  }

  @Override
  public DType computeType() {
    return DType.F32;
  }

  /** One: rows that are not needed would cost what others cost. */
  @Override
  public long rowGroup() {
    return 1;
  }

  @Override
  public Kernels kernels() {
    checkOpen();
    return kernels;
  }

  @Override
  public Workspace workspace() {
    checkOpen();
    return workspace;
  }

  @Override
  public Buffer allocate(String name, DType dtype, long length) {
    long bytes = Math.multiplyExact(length, dtype.bytes());
    Arena arena = Arena.ofShared();
    try (Turns.Turn _ = turn()) {
      checkOpen();
      Buffer buffer = new Buffer(name, dtype, length, reserve(arena, name, bytes), this::free);
      ledger.put(buffer, arena);
      return buffer;
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private MemorySegment block(long bytes) {
    checkOpen();
    return reserve(blocks, "workspace", bytes);
  }

  private MemorySegment reserve(Arena arena, String name, long bytes) {
    try {
      MemorySegment memory = arena.allocate(bytes, ALIGNMENT);
      ledger.taken(bytes);
      return memory;
    } catch (OutOfMemoryError e) {
      throw new OutOfDeviceMemoryException(name(), name, bytes, memory());
    }
  }

  private void free(Buffer buffer) {
    try (Turns.Turn _ = turn()) {
      Arena arena = ledger.remove(buffer);
      if (arena != null) {
        ledger.returned(buffer.bytes());
        arena.close();
      }
    }
  }

  @Override
  public void upload(Buffer target, MemorySegment source) {
    try (Turns.Turn _ = turn()) {
      checkOpen();
      Contract.hostSize("upload", target, source);
      target.memory().copyFrom(source);
    }
  }

  @Override
  public void download(MemorySegment target, Buffer source) {
    try (Turns.Turn _ = turn()) {
      checkOpen();
      Contract.hostSize("download", source, target);
      target.copyFrom(source.memory());
    }
  }

  @Override
  public Program program() {
    return Program.unrecorded();
  }

  @Override
  public Inlet inlet(String name, DType dtype, long length) {
    return new CpuInlet(this, name, dtype, length);
  }

  @Override
  public void synchronize() {
    checkOpen();
  }

  /** Everything taken from the system; what the workspace holds in reserve is named too. */
  @Override
  public MemoryReport memory() {
    return ledger.report(workspace);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try (Turns.Turn _ = turn()) {
      closed = true;
      pool.close();
      ledger.clear().forEach(Arena::close);
      blocks.close();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the CPU device was used after its close");
    }
    turns.check();
  }
}
