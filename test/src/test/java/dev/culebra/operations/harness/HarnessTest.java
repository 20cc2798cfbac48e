package dev.culebra.operations.harness;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Precision;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.test.lane.CudaLane;
import dev.culebra.test.lane.DeviceUnderTest;
import dev.culebra.test.lane.SoftwareLane;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The table notices: each check passes a right kernel and fails wrong ones.
 *
 * <p>The kernel is y = x^2 on a 3 x 5 matrix, computed here in plain Java on memory of the host.
 */
final class HarnessTest {

  private static final int ROWS = 3;
  private static final int COLS = 5;

  private record Shape() {}

  private HostDevice device;
  private HostDevice other;

  @BeforeEach
  void open() {
    device = new HostDevice("one thread", DType.F32, null);
    other = new HostDevice("two threads", DType.F32, null);
  }

  @AfterEach
  void close() {
    device.close();
    other.close();
  }

  // What a kernel may do

  private static float get(Matrix m, int i, int j) {
    return m.data().memory().getAtIndex(ValueLayout.JAVA_FLOAT, i * m.stride() + j);
  }

  private static void set(Matrix m, int i, int j, float value) {
    m.data().memory().setAtIndex(ValueLayout.JAVA_FLOAT, i * m.stride() + j, value);
  }

  private static void square(Buffers b) {
    Matrix y = b.matrix("y");
    Matrix x = b.matrix("x");
    if (y.rows() != x.rows() || y.cols() != x.cols()) {
      throw new IllegalArgumentException("square: y and x differ in shape");
    }
    for (int i = 0; i < x.rows(); i++) {
      for (int j = 0; j < x.cols(); j++) {
        set(y, i, j, get(x, i, j) * get(x, i, j));
      }
    }
  }

  private interface Body {
    void run(Buffers b);
  }

  private static Kernel<Shape> kernel(Body body) {
    return Kernel.of(
        "square",
        s -> List.of(matrix("y", ROWS, COLS).result(), matrix("x", ROWS, COLS)),
        (s, a) -> {
          for (int i = 0; i < ROWS * COLS; i++) {
            a.get("y")[i] = Math.pow(a.get("x")[i], 2);
          }
        },
        (k, s, b) -> body.run(b),
        s -> Tolerance.POINTWISE);
  }

  private static Operation<Shape> operation(Kernel<Shape> kernel) {
    return new Operation<>(
        "square", draw -> List.of(new Shape()), draw -> List.of(), kernel, Optional.empty());
  }

  private ThrowingCallable parity(Body body) {
    Kernel<Shape> kernel = kernel(body);
    return () ->
        ParityCheck.check(operation(kernel), kernel, new Shape(), device, Draw.of(1, "parity"));
  }

  private ThrowingCallable determinism(Body body) {
    Kernel<Shape> kernel = kernel(body);
    return () ->
        DeterminismCheck.check(
            operation(kernel), kernel, new Shape(), List.of(device, other), Draw.of(2, "bits"));
  }

  private ThrowingCallable contract(Body body) {
    Kernel<Shape> kernel = kernel(body);
    return () ->
        ContractCheck.check(operation(kernel), kernel, new Shape(), device, Draw.of(3, "sizes"));
  }

  // Parity

  @Test
  void aRightKernelPasses() {
    assertThatCode(parity(HarnessTest::square)).doesNotThrowAnyException();
    assertThatCode(determinism(HarnessTest::square)).doesNotThrowAnyException();
    assertThatCode(contract(HarnessTest::square)).doesNotThrowAnyException();
  }

  @Test
  void aWrongValueFails() {
    assertThatThrownBy(
            parity(
                b -> {
                  square(b);
                  set(b.matrix("y"), 1, 2, get(b.matrix("y"), 1, 2) + 1e-5f);
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("y[1, 2] is ");
  }

  @Test
  void aCellThatIsNotWrittenFails() {
    assertThatThrownBy(parity(b -> {})).hasMessageContaining("is NaN instead of");
  }

  @Test
  void aResultThatIsReadFails() {
    assertThatThrownBy(
            parity(
                b -> {
                  float before = get(b.matrix("y"), 0, 0);
                  square(b);
                  set(b.matrix("y"), 0, 0, 0 * before + get(b.matrix("y"), 0, 0));
                }))
        .hasMessageStartingWith("y[0, 0] is NaN");
  }

  @Test
  void aChangedInputFails() {
    assertThatThrownBy(
            parity(
                b -> {
                  square(b);
                  set(b.matrix("x"), 2, 4, 0);
                }))
        .hasMessage("the input x[2, 4] was changed");
  }

  @Test
  void aWriteBetweenRowsFails() {
    assertThatThrownBy(
            parity(
                b -> {
                  square(b);
                  Matrix y = b.matrix("y");
                  if (y.stride() > y.cols()) {
                    set(y, 0, COLS, 0);
                  }
                }))
        .hasMessageContaining("outside the cells of y");
  }

  @Test
  void aWriteBehindTheLastCellFails() {
    assertThatThrownBy(
            parity(
                b -> {
                  square(b);
                  Buffer y = b.matrix("y").data();
                  y.memory()
                      .reinterpret(y.bytes() + Float.BYTES)
                      .setAtIndex(ValueLayout.JAVA_FLOAT, y.length(), 0);
                }))
        .hasMessageContaining("outside the cells of y");
  }

  @Test
  void anArgumentThatIsNotDeclaredFails() {
    assertThatThrownBy(parity(b -> b.matrix("z"))).hasMessageContaining("no argument 'z'");
    assertThatThrownBy(parity(b -> b.buffer("y"))).hasMessageContaining("rows may lie apart");
  }

  private static float getBf16(Matrix m, long i) {
    short bits = m.data().memory().getAtIndex(ValueLayout.JAVA_SHORT, i);
    return Float.intBitsToFloat(bits << 16);
  }

  /** y = factor x^2 in bfloat16, rounded towards zero. */
  private ThrowingCallable bfloat16(float factor) {
    Kernel<Shape> kernel =
        kernel(
            b -> {
              Matrix x = b.matrix("x");
              Matrix y = b.matrix("y");
              for (int i = 0; i < ROWS; i++) {
                for (int j = 0; j < COLS; j++) {
                  float value = getBf16(x, i * x.stride() + j);
                  short rounded = (short) (Float.floatToIntBits(factor * value * value) >> 16);
                  y.data().memory().setAtIndex(ValueLayout.JAVA_SHORT, i * y.stride() + j, rounded);
                }
              }
            });
    return () -> {
      try (HostDevice half = new HostDevice("bfloat16", DType.BF16, null)) {
        ParityCheck.check(operation(kernel), kernel, new Shape(), half, Draw.of(5, "bfloat16"));
      }
    };
  }

  @Test
  void bfloat16IsAllowedItsRoundingsAndNoMore() {
    assertThatCode(bfloat16(1)).doesNotThrowAnyException();
    assertThatThrownBy(bfloat16(1.03f)).hasMessageStartingWith("y[");
  }

  // Devices

  @Test
  void aDeviceThatIsNotKnownIsRefused() {
    assertThatThrownBy(() -> DeviceUnderTest.named("gpu"))
        .hasMessage(
            "no device 'gpu' to test: give -Dculebra.test.device=cpu, soft, soft:fp32, cuda,"
                + " cuda:fp32, cuda:N or cuda:N:fp32");
    assertThatThrownBy(() -> DeviceUnderTest.named("soft:1")).hasMessageContaining("no device");
  }

  @Test
  void aDeviceIsNamedByWhatOpensIt() {
    assertThat(DeviceUnderTest.named("cpu")).isEqualTo(new DeviceUnderTest.Cpu());
    assertThat(DeviceUnderTest.named("soft")).isEqualTo(new SoftwareLane(Precision.BF16));
    assertThat(DeviceUnderTest.named("soft:fp32")).isEqualTo(new SoftwareLane(Precision.FP32));
    assertThat(DeviceUnderTest.named("cuda").name()).isEqualTo("cuda:0");
    assertThat(DeviceUnderTest.named("cuda:2:fp32"))
        .isEqualTo(new CudaLane("cuda:2", Precision.FP32));
  }

  /** A lane that ran elsewhere would pass for nothing. */
  @Test
  void anotherDeviceThanTheLanesFails() {
    try (HostDevice host = new HostDevice("cpu", DType.F32, null)) {
      assertThat(DeviceUnderTest.require(host, "cpu", Precision.FP32)).isSameAs(host);
      assertThatThrownBy(() -> DeviceUnderTest.require(host, "cuda:0", Precision.FP32))
          .hasMessage("the lane is for cuda:0 in FP32, but what opened is cpu (cpu)");
      assertThatThrownBy(() -> DeviceUnderTest.require(host, "cpu", Precision.BF16))
          .hasMessageContaining("the lane is for cpu in BF16");
    }
  }

  // Bits

  @Test
  void anotherResultTheSecondTimeFails() {
    int[] calls = new int[1];
    assertThatThrownBy(
            determinism(
                b -> {
                  square(b);
                  set(b.matrix("y"), 1, 1, Math.nextUp(calls[0]++));
                }))
        .hasMessageStartingWith("a second call gives other bits: y[1, 1]");
  }

  @Test
  void anotherResultOnAnotherNumberOfThreadsFails() {
    int[] calls = new int[1];
    assertThatThrownBy(
            determinism(
                b -> {
                  square(b);
                  set(b.matrix("y"), 1, 1, calls[0]++ < 2 ? 1 : 2);
                }))
        .hasMessageStartingWith("the call on two threads gives other bits");
  }

  // Sizes

  @Test
  void aWrongSizeThatIsNotRefusedFails() {
    assertThatThrownBy(contract(b -> {})).hasMessage("square with a row less of y was not refused");
  }

  @Test
  void aRefusalWithoutTheOperationsNameFails() {
    assertThatThrownBy(
            contract(
                b -> {
                  throw new IllegalArgumentException("wrong");
                }))
        .hasMessageContaining("without naming the operation");
  }

  @Test
  void aRefusalAfterAWriteFails() {
    assertThatThrownBy(
            contract(
                b -> {
                  set(b.matrix("y"), 0, 0, 0);
                  square(b);
                }))
        .hasMessageContaining("was refused, but wrote to y");
  }

  // Gradients

  private static ThrowingCallable gradient(double factor) {
    Gradient<Shape> gradient =
        Gradient.by(
            Kernel.of(
                "squareBackward",
                s ->
                    List.of(
                        matrix("dx", ROWS, COLS).added(),
                        matrix("dy", ROWS, COLS),
                        buffer("x", ROWS, COLS)),
                (s, a) -> {
                  for (int i = 0; i < ROWS * COLS; i++) {
                    a.get("dx")[i] += factor * a.get("dy")[i] * a.get("x")[i];
                  }
                },
                (k, s, b) -> {},
                s -> Tolerance.POINTWISE));
    Operation<Shape> operation =
        new Operation<>(
            "square",
            draw -> List.of(),
            draw -> List.of(),
            kernel(HarnessTest::square),
            Optional.of(gradient));
    return () -> GradientCheck.check(operation, gradient, new Shape(), Draw.of(4, "gradient"));
  }

  @Test
  void aWrongDerivativeFails() {
    assertThatCode(gradient(2)).doesNotThrowAnyException();
    assertThatThrownBy(gradient(2.0001))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("the reference's gradient of x[");
  }
}
