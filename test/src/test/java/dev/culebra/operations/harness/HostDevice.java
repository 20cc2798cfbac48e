package dev.culebra.operations.harness;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.device.MemoryReport;
import dev.culebra.runtime.device.Program;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.device.Workspace;
import dev.culebra.runtime.kernel.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of the host and kernels of the test's choice: what the table itself is tested with. */
public final class HostDevice implements Device {

  private final String name;
  private final DType computeType;
  private final Kernels kernels;
  private final Turns turns = new Turns("host");
  private final Arena arena = Arena.ofShared();
  private final Workspace workspace = new Workspace(bytes -> arena.allocate(bytes, 256));

  /** A device that computes by {@code kernels}. */
  public HostDevice(String name, DType computeType, Kernels kernels) {
    this.name = name;
    this.computeType = computeType;
    this.kernels = kernels;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return name;
  }

  @Override
  public Turns.Turn turn() {
    return turns.take();
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public long rowGroup() {
    return 1;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public Workspace workspace() {
    return workspace;
  }

  @Override
  public Buffer allocate(String name, DType dtype, long length) {
    Buffer buffer = workspace.allocate(name, dtype, length);
    buffer.memory().fill((byte) 0);
    return buffer;
  }

  @Override
  public void upload(Buffer target, MemorySegment source) {
    target.memory().copyFrom(source);
  }

  @Override
  public void download(MemorySegment target, Buffer source) {
    target.copyFrom(source.memory());
  }

  @Override
  public Program program() {
    return Program.unrecorded();
  }

  @Override
  public Inlet inlet(String name, DType dtype, long length) {
    throw new UnsupportedOperationException("the table needs no inlets");
  }

  @Override
  public void synchronize() {}

  @Override
  public MemoryReport memory() {
    return workspace.report();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
