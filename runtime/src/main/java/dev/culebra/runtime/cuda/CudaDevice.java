package dev.culebra.runtime.cuda;

import dev.culebra.bindings.CudaLibraries;
import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.device.MemoryLedger;
import dev.culebra.runtime.device.MemoryReport;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.runtime.device.Precision;
import dev.culebra.runtime.device.Program;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.device.Workspace;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A CUDA device: an NVIDIA GPU, or the software one that stands in for it.
 *
 * <p>Everything it computes is given to one stream, in the order of the calls; a second stream
 * copies the next batch meanwhile.
 */
public final class CudaDevice implements Device {

  private final String name;
  private final String description;
  private final String summary;
  private final Precision precision;
  private final boolean graphs;
  private final Resources resources = new Resources();
  private final MemoryLedger<DeviceMemory> ledger = new MemoryLedger<>();
  private final Workspace workspace;
  private final Context context;
  private final Stream stream;
  private final Stream copyStream;
  private final Staging staging;
  private final CudaKernels kernels;

  /** Programs and inlets that their users have not closed. */
  private final Set<AutoCloseable> lent = new LinkedHashSet<>();

  private boolean closed;

  private CudaDevice(String name, int ordinal, CudaOptions options) {
    this.name = name;
    this.precision = options.precision();
    this.graphs = options.graphs();
    this.workspace = new Workspace(this::block);
    try {
      CudaLibraries libraries = CudaLibraries.loaded().orElseThrow();
      Driver.check(Cuda.cuInit(0), "cuInit");
      Arena arena = Arena.ofShared();
      resources.add(arena::close);
      context = resources.add(Context.open(ordinal, name));
      Chip chip = Chip.of(context);
      stream = resources.add(Stream.open());
      copyStream = resources.add(Stream.open());
      staging = resources.add(new Staging(stream));
      KernelCompiler compiler =
          new KernelCompiler(libraries.compilerVersion().toString(), chip.major(), chip.minor());
      Launcher launcher =
          resources.add(
              new Launcher(
                  context,
                  stream,
                  compiler,
                  workspace,
                  precision.computeType(),
                  chip.multiprocessors(),
                  arena));
      BlasHandle blas = resources.add(new BlasHandle(stream, precision == Precision.TF32));
      CudaMatmul matmul = resources.add(new CudaMatmul(launcher, blas, arena));
      kernels = new CudaKernels(launcher, matmul);
      summary = chip.describe() + ", " + precision.name().toLowerCase(Locale.ROOT);
      description =
          chip.describe()
              + ", driver "
              + libraries.driverVersion()
              + ", NVRTC "
              + compiler.version()
              + ", cuBLASLt "
              + libraries.blasVersion()
              + ", "
              + precision.name().toLowerCase(Locale.ROOT);
    } catch (RuntimeException e) {
      closed = true;
      Resources.closeAfter(e, resources);
      throw e;
    }
  }

  /** How many devices the loaded driver offers. */
  public static int count() {
    int code = Cuda.cuInit(0);
    if (code == Cuda.CUDA_ERROR_NO_DEVICE()) {
      return 0;
    }
    Driver.check(code, "cuInit");
    return Driver.integer("cuDeviceGetCount", Cuda::cuDeviceGetCount);
  }

  /**
   * Opens device {@code ordinal} under a name. The libraries are loaded.
   *
   * @throws CudaException if a call fails
   */
  public static CudaDevice open(String name, int ordinal, CudaOptions options) {
    return new CudaDevice(name, ordinal, options);
  }

  @Override
  public String name() {
    return name;
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
    return context.turn();
  }

  @Override
  public DType computeType() {
    return precision.computeType();
  }

  /** The tile of a matrix product. */
  @Override
  public long rowGroup() {
    return 128;
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

  Stream stream() {
    checkOpen();
    return stream;
  }

  Stream copyStream() {
    checkOpen();
    return copyStream;
  }

  @Override
  public Buffer allocate(String name, DType dtype, long length) {
    try (Turns.Turn _ = turn()) {
      checkOpen();
      return cleared(name, dtype, length);
    }
  }

  private Buffer cleared(String name, DType dtype, long length) {
    DeviceMemory memory = take(name, Math.multiplyExact(length, dtype.bytes()));
    Buffer buffer = new Buffer(name, dtype, length, memory.segment(), this::free);
    ledger.put(buffer, memory);
    try {
      if (buffer.bytes() > 0) {
        Driver.check(
            Cuda.cuMemsetD8Async(
                memory.segment().address(), (byte) 0, buffer.bytes(), stream.handle()),
            "cuMemsetD8Async");
      }
    } catch (RuntimeException e) {
      Resources.closeAfter(e, buffer::release);
      throw e;
    }
    return buffer;
  }

  private DeviceMemory take(String holder, long bytes) {
    try {
      DeviceMemory memory = DeviceMemory.allocate(bytes);
      ledger.taken(bytes);
      return memory;
    } catch (CudaException e) {
      if (e.code() == Cuda.CUDA_ERROR_OUT_OF_MEMORY()) {
        throw new OutOfDeviceMemoryException(name, holder, bytes, memory());
      }
      throw e;
    }
  }

  private MemorySegment block(long bytes) {
    checkOpen();
    return resources.add(take("workspace", bytes)).segment();
  }

  /** The driver may still run work on the memory: it is waited for. */
  private void free(Buffer buffer) {
    try (Turns.Turn _ = turn()) {
      DeviceMemory memory = ledger.remove(buffer);
      if (memory != null) {
        ledger.returned(buffer.bytes());
        try (memory) {
          context.check();
          stream.synchronize();
        }
      }
    }
  }

  @Override
  public void upload(Buffer target, MemorySegment source) {
    try (Turns.Turn _ = turn()) {
      checkOpen();
      Contract.hostSize("upload", target, source);
      staging.upload(target.memory(), source);
    }
  }

  @Override
  public void download(MemorySegment target, Buffer source) {
    try (Turns.Turn _ = turn()) {
      checkOpen();
      Contract.hostSize("download", source, target);
      staging.download(target, source.memory());
    }
  }

  @Override
  public Program program() {
    checkOpen();
    return lend(new CudaProgram(this, stream, graphs));
  }

  @Override
  public Inlet inlet(String name, DType dtype, long length) {
    Buffer place = allocate(name, dtype, length);
    try {
      return lend(new CudaInlet(this, allocate(name + ", next", dtype, length), place));
    } catch (RuntimeException e) {
      Resources.closeAfter(e, place::release);
      throw e;
    }
  }

  private <T extends AutoCloseable> T lend(T object) {
    lent.add(object);
    return object;
  }

  /** Notes that the user of a program or an inlet has closed it. */
  void returned(AutoCloseable object) {
    lent.remove(object);
  }

  @Override
  public void synchronize() {
    checkOpen();
    stream.synchronize();
  }

  @Override
  public MemoryReport memory() {
    return ledger.report(workspace);
  }

  /** Frees everything, even if some releases fail; the first failure is thrown at the end. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    try (Turns.Turn _ = turn();
        resources) {
      try (Resources users = new Resources()) {
        List.copyOf(lent).forEach(users::add);
      } finally {
        closed = true;
        ledger.clear().forEach(resources::add);
        resources.add(context::synchronize);
      }
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the device " + name + " was used after its close");
    }
    context.check();
  }
}
