package dev.culebra.test.operations;

import dev.culebra.operations.OperationTable;
import dev.culebra.operations.harness.ContractCheck;
import dev.culebra.operations.harness.DeterminismCheck;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.GradientCheck;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.ParityCheck;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.lane.DeviceUnderTest;
import dev.culebra.test.operations.TableTests.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * The checks of every row of the {@link OperationTable}, on the device that {@code
 * -Dculebra.test.device} names.
 *
 * <p>{@code -Dculebra.test.operation} limits them to one row, {@code -Dculebra.test.seed} repeats a
 * run's draws, {@code -Dculebra.test.seeds} says how often everything is drawn anew.
 */
final class OperationTableTest {

  /** The device with each number of threads. */
  private static final List<Device> DEVICES = new ArrayList<>();

  private static final DeviceUnderTest LANE = DeviceUnderTest.chosen();

  @BeforeAll
  static void open() {
    LANE.threads().forEach(threads -> DEVICES.add(LANE.open(threads)));
    System.out.println("operation table: on " + DEVICES.getLast().description());
  }

  @AfterAll
  static void close() {
    DEVICES.forEach(Device::close);
    DEVICES.clear();
    LANE.end();
  }

  @TestFactory
  Stream<DynamicNode> theDeviceAgreesWithTheReference() {
    return TableTests.of(Scope.ALL, OperationTableTest::parity);
  }

  @TestFactory
  Stream<DynamicNode> repeatsAndThreadCountsGiveEqualBits() {
    return TableTests.of(Scope.ALL, OperationTableTest::determinism);
  }

  @TestFactory
  Stream<DynamicNode> missizedArgumentsAreRefused() {
    return TableTests.of(Scope.SINGLE_METHODS, OperationTableTest::contract);
  }

  @TestFactory
  Stream<DynamicNode> gradientsAreTheDerivativesOfTheReference() {
    return TableTests.of(Scope.GRADIENTS, OperationTableTest::gradient);
  }

  private static <S> void parity(Operation<S> operation, Kernel<S> kernel, S shape, Draw draw) {
    ParityCheck.check(operation, kernel, shape, DEVICES.getLast(), draw);
  }

  private static <S> void determinism(
      Operation<S> operation, Kernel<S> kernel, S shape, Draw draw) {
    DeterminismCheck.check(operation, kernel, shape, DEVICES, draw);
  }

  private static <S> void contract(Operation<S> operation, Kernel<S> kernel, S shape, Draw draw) {
    ContractCheck.check(operation, kernel, shape, DEVICES.getFirst(), draw);
  }

  private static <S> void gradient(Operation<S> operation, Kernel<S> backward, S shape, Draw draw) {
    GradientCheck.check(operation, operation.gradient().orElseThrow(), shape, draw);
  }
}
