package dev.culebra.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Gradients on the tape against central differences, in float32 on the CPU.
 *
 * <p>The differentiated function is the sum of a result's values, each times a fixed random weight.
 * With steps of 1/64 and values near 1, a difference is off by the curvature times the step's
 * square, about 1e-4, and by the rounding of the sum, some 1e-7 over the step: hence the tolerance
 * of 2e-3.
 */
final class FiniteDifferences implements AutoCloseable {

  private static final float STEP = 1 / 64f;
  private static final double TOLERANCE = 2e-3;

  /** Makes a result of tensors. */
  interface Function {
    /** The result of {@code x}, whose rows and widths are those that were asked for. */
    Tensor of(Tape tape, List<Tensor> x);
  }

  private final SplittableRandom random;
  private final Device device = CpuDevice.open(1);

  FiniteDifferences(long seed) {
    random = new SplittableRandom(seed);
  }

  Device device() {
    return device;
  }

  /** Values of a normal distribution. */
  float[] draw(long count) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  Buffer floats(float... values) {
    Buffer buffer = device.allocate("values", DType.F32, values.length);
    MemorySegment.copy(values, 0, buffer.memory(), ValueLayout.JAVA_FLOAT, 0, values.length);
    return buffer;
  }

  Buffer ints(int... values) {
    Buffer buffer = device.allocate("indices", DType.I32, values.length);
    MemorySegment.copy(values, 0, buffer.memory(), ValueLayout.JAVA_INT, 0, values.length);
    return buffer;
  }

  /**
   * Checks the gradient of every argument.
   *
   * @param shapes rows and width of each
   */
  void check(Function function, long[]... shapes) {
    List<float[]> values = new ArrayList<>();
    for (long[] shape : shapes) {
      values.add(draw(shape[0] * shape[1]));
    }
    float[] weights = weights(function, shapes, values);
    List<float[]> gradients = gradients(function, shapes, values, weights);
    for (int k = 0; k < values.size(); k++) {
      for (int i = 0; i < values.get(k).length; i++) {
        double expected = difference(function, shapes, values, weights, k, i);
        double actual = gradients.get(k)[i];
        assertThat(Math.abs(actual - expected))
            .as("gradient of argument %d at %d: %s, differences give %s", k, i, actual, expected)
            .isLessThanOrEqualTo(TOLERANCE * (1 + Math.abs(expected)));
      }
    }
  }

  private double difference(
      Function function, long[][] shapes, List<float[]> values, float[] weights, int k, int i) {
    float before = values.get(k)[i];
    values.get(k)[i] = before + STEP;
    double above = loss(function, shapes, values, weights);
    values.get(k)[i] = before - STEP;
    double below = loss(function, shapes, values, weights);
    values.get(k)[i] = before;
    return (above - below) / (2 * STEP);
  }

  private double loss(Function function, long[][] shapes, List<float[]> values, float[] weights) {
    try (Tape tape = Tape.forwardOnly(device)) {
      float[] result = read(function.of(tape, tensors(tape, shapes, values)).data());
      double loss = 0;
      for (int i = 0; i < result.length; i++) {
        loss += (double) weights[i] * result[i];
      }
      return loss;
    }
  }

  private float[] weights(Function function, long[][] shapes, List<float[]> values) {
    try (Tape tape = Tape.forwardOnly(device)) {
      return draw(function.of(tape, tensors(tape, shapes, values)).data().length());
    }
  }

  private List<float[]> gradients(
      Function function, long[][] shapes, List<float[]> values, float[] weights) {
    try (Tape tape = Tape.recording(device)) {
      List<Tensor> x = tensors(tape, shapes, values);
      Tensor y = function.of(tape, x);
      Buffer gradient = tape.scratch("weights", weights.length);
      write(gradient, weights);
      tape.record("loss", () -> tape.pass(y, gradient), List.of(), gradient);
      tape.backward();
      return x.stream().map(tensor -> read(tape.gradient(tensor))).toList();
    }
  }

  private static List<Tensor> tensors(Tape tape, long[][] shapes, List<float[]> values) {
    List<Tensor> tensors = new ArrayList<>();
    for (int k = 0; k < shapes.length; k++) {
      Tensor tensor = tape.tensor("argument " + k, shapes[k][0], shapes[k][1]);
      write(tensor.data(), values.get(k));
      tensors.add(tensor);
    }
    return tensors;
  }

  static void write(Buffer buffer, float... values) {
    MemorySegment.copy(values, 0, buffer.memory(), ValueLayout.JAVA_FLOAT, 0, values.length);
  }

  static float[] read(Buffer buffer) {
    return buffer.memory().toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    device.close();
  }
}
