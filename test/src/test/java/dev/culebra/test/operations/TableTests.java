package dev.culebra.test.operations;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.culebra.operations.OperationTable;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.test.lane.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/** Makes tests of a check: one for every seed, row, kernel and shape of the table. */
final class TableTests {

  /** One check of one call. */
  interface Check {
    /** Throws if {@code kernel} of {@code operation} fails at {@code shape}. */
    <S> void run(Operation<S> operation, Kernel<S> kernel, S shape, Draw draw);
  }

  /** Which calls are checked. */
  enum Scope {
    /** Forward and backward kernels at all shapes. */
    ALL,
    /** Forward and backward kernels at small shapes, if they are one method of the wall. */
    SINGLE_METHODS,
    /** Backward kernels at small shapes. */
    GRADIENTS
  }

  private final Scope scope;
  private final Check check;

  private TableTests(Scope scope, Check check) {
    this.scope = scope;
    this.check = check;
  }

  /** Tests of {@code check}, for the rows that {@code culebra.test.operation} leaves. */
  static Stream<DynamicNode> of(Scope scope, Check check) {
    String only = System.getProperty("culebra.test.operation");
    List<Operation<?>> rows =
        OperationTable.ROWS.stream()
            .filter(row -> only == null || row.name().equals(only))
            .toList();
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          "no operation '"
              + only
              + "' in the table: -Dculebra.test.operation takes one of "
              + OperationTable.ROWS.stream().map(Operation::name).toList());
    }
    TableTests tests = new TableTests(scope, check);
    return Seeds.all().stream()
        .map(
            seed ->
                dynamicContainer(
                    "seed " + seed,
                    rows.stream().map(row -> dynamicContainer(row.name(), tests.of(row, seed)))));
  }

  private <S> Stream<DynamicTest> of(Operation<S> operation, long seed) {
    Draw draw = Draw.of(seed, operation.name());
    List<S> shapes = new ArrayList<>(operation.shapes().apply(draw));
    if (scope == Scope.ALL) {
      shapes.addAll(operation.large().apply(draw));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (Kernel<S> kernel : kernels(operation)) {
      for (S shape : shapes) {
        tests.add(test(operation, kernel, shape, seed, tests.size()));
      }
    }
    return tests.stream();
  }

  private <S> List<Kernel<S>> kernels(Operation<S> operation) {
    Optional<Kernel<S>> backward = operation.gradient().map(Gradient::backward);
    return switch (scope) {
      case ALL -> operation.kernels();
      case SINGLE_METHODS ->
          operation.kernels().stream().filter(kernel -> kernel.methods().size() == 1).toList();
      case GRADIENTS -> backward.stream().toList();
    };
  }

  private <S> DynamicTest test(
      Operation<S> operation, Kernel<S> kernel, S shape, long seed, int index) {
    String side = kernel.equals(operation.forward()) ? "forward" : "backward";
    String name = operation.name() + " " + side + " at " + shape;
    String again = "\n  again: " + Seeds.replay(seed, operation.name());
    return dynamicTest(
        name,
        () -> {
          try {
            check.run(operation, kernel, shape, Draw.of(seed, operation.name(), side, index));
          } catch (AssertionError e) {
            throw new AssertionError(name + ": " + e.getMessage() + again);
          } catch (RuntimeException e) {
            throw new AssertionError(name + ": " + e + again, e);
          }
        });
  }
}
