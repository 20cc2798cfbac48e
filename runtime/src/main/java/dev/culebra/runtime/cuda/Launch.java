package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.runtime.device.Buffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One launch of a kernel, its arguments given in order.
 *
 * <p>Number and sizes of the arguments, threads and grid are held to what the kernel and the driver
 * take before anything is launched. The object is used again for the next launch.
 */
final class Launch {

  private static final int MOST_ARGUMENTS = 64;
  private static final long MOST_BLOCKS_X = Integer.MAX_VALUE;
  private static final long MOST_BLOCKS_YZ = 65_535;

  private final Stream stream;
  private final MemorySegment values;
  private final MemorySegment pointers;
  private Function function;
  private long blocksX;
  private long blocksY;
  private long blocksZ;
  private int threads;
  private long shared;
  private int count;

  /** A launch on {@code stream}, with memory for its arguments from {@code arena}. */
  Launch(Stream stream, Arena arena) {
    this.stream = stream;
    this.values = arena.allocate(ValueLayout.JAVA_LONG, MOST_ARGUMENTS);
    this.pointers = arena.allocate(ValueLayout.ADDRESS, MOST_ARGUMENTS);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice(8L * i));
    }
  }

  /** Starts over for another kernel. */
  Launch begin(Function function, long blocksX, long blocksY, long blocksZ, int threads) {
    this.function = function;
    this.blocksX = blocksX;
    this.blocksY = blocksY;
    this.blocksZ = blocksZ;
    this.threads = threads;
    this.shared = 0;
    this.count = 0;
    return this;
  }

  /** Gives each block that many bytes of dynamic shared memory. */
  Launch shared(long bytes) {
    shared = bytes;
    return this;
  }

  /** The address of a buffer; null is a null pointer. */
  Launch arg(Buffer buffer) {
    values.setAtIndex(
        ValueLayout.JAVA_LONG,
        next(8, "a pointer"),
        buffer == null ? 0 : buffer.memory().address());
    return this;
  }

  /** An {@code int}. */
  Launch arg(int value) {
    values.set(ValueLayout.JAVA_INT, 8L * next(4, "an int"), value);
    return this;
  }

  /** An {@code i64}. */
  Launch arg(long value) {
    values.setAtIndex(ValueLayout.JAVA_LONG, next(8, "an i64"), value);
    return this;
  }

  /** A {@code float}. */
  Launch arg(float value) {
    values.set(ValueLayout.JAVA_FLOAT, 8L * next(4, "a float"), value);
    return this;
  }

  private int next(int bytes, String what) {
    if (count >= function.parameters() || function.parameterSize(count) != bytes) {
      throw wrong(
          "argument "
              + (count + 1)
              + " is "
              + what
              + (count >= function.parameters()
                  ? ", but it takes " + function.parameters()
                  : ", but it takes " + function.parameterSize(count) + " bytes there"));
    }
    return count++;
  }

  /** Launches. */
  void run() {
    if (count != function.parameters()) {
      throw wrong("it takes " + function.parameters() + " arguments and was given " + count);
    }
    if (threads < 1 || threads > function.maxThreads()) {
      throw wrong("blocks of " + threads + " threads; at most " + function.maxThreads() + " fit");
    }
    if (Math.min(blocksX, Math.min(blocksY, blocksZ)) < 1
        || blocksX > MOST_BLOCKS_X
        || Math.max(blocksY, blocksZ) > MOST_BLOCKS_YZ) {
      throw wrong("a grid of " + blocksX + " x " + blocksY + " x " + blocksZ + " blocks");
    }
    function.allowShared(shared);
    Driver.check(
        Cuda.cuLaunchKernel(
            function.handle(),
            (int) blocksX,
            (int) blocksY,
            (int) blocksZ,
            threads,
            1,
            1,
            Math.toIntExact(shared),
            stream.handle(),
            pointers,
            MemorySegment.NULL),
        "cuLaunchKernel of " + function.name());
  }

  private IllegalStateException wrong(String complaint) {
    return new IllegalStateException("launch of " + function.name() + ": " + complaint);
  }
}
