package dev.culebra.runtime.device;

import dev.culebra.runtime.kernel.Kernels;
import java.lang.foreign.MemorySegment;

/**
 * One processor with its memory and its {@link Kernels}.
 *
 * <p>Work is ordered: operations, uploads and downloads take effect in the order of their calls.
 *
 * <p>One thread uses a device at a time. The classes that train, judge, write, fill, find and draw
 * take turns by themselves, so they may share a device and be called from any thread, and so does
 * every tape. Who calls the device itself may do so on the thread that opened it, or within a
 * {@link #turn}; everybody else gets an exception at once.
 */
public interface Device extends AutoCloseable {

  /** The name by which {@code --device} asks for it: {@code cpu}, {@code cuda:0}, {@code soft}. */
  String name();

  /**
   * Waits until no other thread uses this device, and keeps others from it until the turn is
   * closed, on the same thread. Turns nest.
   */
  Turns.Turn turn();

  /** What it is, for people and for {@code run.json}: the chip, cores, libraries and versions. */
  String description();

  /** What it is, in a few words for people: the chip, and how much of it is used. */
  default String summary() {
    return description();
  }

  /** The type in which activations and matrix products are computed. */
  DType computeType();

  /**
   * How many rows are computed together. A number of rows that varies from step to step is best
   * rounded up to a multiple of this, which keeps the step's shape.
   */
  long rowGroup();

  /** The primitive operations on this device's buffers. */
  Kernels kernels();

  /** Activations and scratch of one step. */
  Workspace workspace();

  /**
   * Allocates long-lived memory, filled with zeros: parameters, gradients, optimiser state,
   * batches.
   *
   * @throws OutOfDeviceMemoryException with the largest holders, if there is no room
   */
  Buffer allocate(String name, DType dtype, long length);

  /** Copies host memory of the buffer's size into it; the source may be reused at once. */
  void upload(Buffer target, MemorySegment source);

  /** Copies the buffer into host memory of its size, after all earlier work on it. */
  void download(MemorySegment target, Buffer source);

  /** Work that repeats, recorded and replayed where the device can. */
  Program program();

  /**
   * A place of {@code length} values that the host refills ahead of its use: I32, or F32 such as
   * the pixels of images, which {@link Kernels#copy} turns into the compute type.
   */
  Inlet inlet(String name, DType dtype, long length);

  /** A place of {@code length} I32 values. */
  default Inlet inlet(String name, long length) {
    return inlet(name, DType.I32, length);
  }

  /** Waits until all work given so far is done. */
  void synchronize();

  /** Every allocation of this device, by name. */
  MemoryReport memory();

  /** Frees everything. Further use of the device or its buffers is an exception. */
  @Override
  void close();
}
