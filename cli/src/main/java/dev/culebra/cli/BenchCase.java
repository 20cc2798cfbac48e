package dev.culebra.cli;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/**
 * One operation at one shape, ready to be timed.
 *
 * @param name the operation
 * @param shape its sizes, for people
 * @param bytes what it must read and write at least
 * @param flops floating-point operations that count; 0 where memory is the limit
 * @param call runs it once
 */
record BenchCase(String name, String shape, long bytes, double flops, Runnable call) {

  /** Buffers of a case, filled with draws that do not depend on anything else. */
  static final class Memory implements AutoCloseable {

    private static final long PIECE = 1 << 18;

    private final Device device;
    private final List<Buffer> buffers = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);

    Memory(Device device) {
      this.device = device;
    }

    /** Zeros. */
    Buffer zeros(DType type, long length) {
      Buffer buffer = device.allocate("bench", type, length);
      buffers.add(buffer);
      return buffer;
    }

    /** Uniform values in [-1, 1), in the compute type. */
    Buffer draws(long length) {
      Buffer values = zeros(device.computeType(), length);
      if (device.computeType() == DType.F32) {
        fill(values);
      } else {
        Buffer floats = device.allocate("bench draws", DType.F32, length);
        fill(floats);
        device.kernels().copy(values, floats);
        floats.release();
      }
      return values;
    }

    /** Uniform float32 values in [-1, 1). */
    Buffer floats(long length) {
      Buffer values = zeros(DType.F32, length);
      fill(values);
      return values;
    }

    private void fill(Buffer floats) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment piece = arena.allocate(ValueLayout.JAVA_FLOAT, PIECE);
        for (long i = 0; i < PIECE; i++) {
          piece.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble(-1, 1));
        }
        for (long from = 0; from < floats.length(); from += PIECE) {
          long count = Math.min(PIECE, floats.length() - from);
          device.upload(floats.slice(from, count), piece.asSlice(0, count * Float.BYTES));
        }
      }
    }

    /** Integers, each made from its index. */
    Buffer integers(long length, LongUnaryOperator value) {
      Buffer buffer = zeros(DType.I32, length);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment host = arena.allocate(ValueLayout.JAVA_INT, length);
        for (long i = 0; i < length; i++) {
          host.setAtIndex(ValueLayout.JAVA_INT, i, Math.toIntExact(value.applyAsLong(i)));
        }
        device.upload(buffer, host);
      }
      return buffer;
    }

    /** A draw below {@code bound} that prefers small numbers, as words do: Zipf's law. */
    long zipf(long bound) {
      double share = random.nextDouble();
      return Math.min(bound - 1, (long) Math.expm1(share * Math.log1p((double) bound)));
    }

    @Override
    public void close() {
      buffers.forEach(Buffer::release);
    }
  }
}
