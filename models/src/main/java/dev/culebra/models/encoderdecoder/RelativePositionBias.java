package dev.culebra.models.encoderdecoder;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.RelativeBias;
import dev.culebra.runtime.tensor.AttentionFunctions;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * T5's bias of attention scores: one learned value per head and bucket of distances (Raffel et al.
 * 2020, arXiv:1910.10683, section 2.1). All layers of a stack share it.
 *
 * <p>The buckets of all distances are a constant matrix of zeros and ones, so the table that
 * attention reads is a product of it and the learned values, and so is their gradient.
 */
final class RelativePositionBias implements AutoCloseable {

  private final Parameter values;
  private final int heads;
  private final int radius;
  private final Buffer exact;
  private final Buffer rounded;

  /**
   * A bias on {@code device}.
   *
   * @param values buckets x heads
   * @param bothSides whether keys behind the query have buckets of their own
   * @param farthest distances from here on share a bucket
   */
  RelativePositionBias(Device device, Parameter values, boolean bothSides, int farthest) {
    this.values = values;
    this.heads = Math.toIntExact(values.matrix().cols());
    this.radius = farthest;
    int buckets = Math.toIntExact(values.matrix().rows());
    long distances = 2L * radius + 1;
    float[] ones = new float[Math.toIntExact(buckets * distances)];
    for (int distance = -radius; distance <= radius; distance++) {
      int bucket = bucket(distance, bothSides, buckets, farthest);
      ones[Math.toIntExact(bucket * distances + distance + radius)] = 1;
    }
    try (Acquired acquired = new Acquired()) {
      this.exact = acquired.add(device.allocate("buckets of distances", DType.F32, ones.length));
      device.upload(exact, MemorySegment.ofArray(ones));
      if (device.computeType() == DType.F32) {
        this.rounded = exact;
      } else {
        this.rounded =
            acquired.add(
                device.allocate(
                    "buckets of distances, rounded", device.computeType(), ones.length));
        device.kernels().copy(rounded, exact);
      }
      acquired.keep();
    }
  }

  /**
   * The bucket of a distance, key minus query. Half of them are single distances, the others grow
   * with the logarithm; float32, as published.
   */
  static int bucket(int distance, boolean bothSides, int buckets, int farthest) {
    int side = bothSides ? buckets / 2 : buckets;
    int first = bothSides && distance > 0 ? side : 0;
    int far = bothSides ? Math.abs(distance) : Math.max(0, -distance);
    int single = side / 2;
    if (far < single) {
      return first + far;
    }
    float share =
        (float) Math.log(far / (float) single) / (float) Math.log((double) farthest / single);
    return first + Math.min(side - 1, single + (int) (share * (side - single)));
  }

  /** The bias for one forward pass; its gradient reaches the learned values when all used it. */
  AttentionFunctions.Bias of(Tape tape, String name) {
    long distances = 2L * radius + 1;
    long buckets = values.matrix().rows();
    Buffer table = tape.floats(name, heads * distances);
    tape.kernels()
        .matmul(
            Matrix.of(table, heads, distances),
            values.matrix().t(),
            Matrix.of(rounded, buckets, distances),
            Epilogue.STORE);
    Buffer gradient = null;
    if (tape.recording()) {
      gradient = tape.floats(name + " gradient", table.length());
      tape.kernels().fill(gradient, 0);
    }
    Buffer kept = gradient;
    AttentionFunctions.Bias bias =
        new AttentionFunctions.Bias(new RelativeBias(table, radius, 0), gradient);
    tape.hold(
        name,
        () ->
            tape.kernels()
                .matmul(
                    values.gradientMatrix(),
                    Matrix.of(exact, buckets, distances),
                    Matrix.of(kept, heads, distances).t(),
                    Epilogue.ADD),
        gradient == null ? List.of(table) : List.of(table, gradient));
    return bias;
  }

  @Override
  public void close() {
    if (exact.alive()) {
      exact.release();
      if (rounded != exact) {
        rounded.release();
      }
    }
  }
}
