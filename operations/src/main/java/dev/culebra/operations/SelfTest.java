package dev.culebra.operations;

import dev.culebra.operations.harness.DeterminismCheck;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.ParityCheck;
import dev.culebra.runtime.device.Device;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the table on one device: every operation, forward and backward, at every shape, against the
 * float64 reference, and twice for equal bits.
 */
public final class SelfTest {

  /**
   * What became of one operation.
   *
   * @param operation its name
   * @param calls how many calls were checked
   * @param failures what was wrong, one text per call
   * @param seconds how long it took
   */
  public record Result(String operation, int calls, List<String> failures, double seconds) {}

  /** Hears of each operation as it is done. */
  public interface Listener {
    /** One of {@code all} operations is done, the {@code done}-th. */
    void tested(Result result, int done, int all);
  }

  private final Device device;
  private final long seed;

  /**
   * A test.
   *
   * @param seed of all shapes and values
   */
  public SelfTest(Device device, long seed) {
    this.device = device;
    this.seed = seed;
  }

  /** Tests every operation whose name contains {@code only}. */
  public List<Result> run(String only, Listener listener) {
    List<Operation<?>> rows =
        OperationTable.ROWS.stream().filter(row -> row.name().contains(only)).toList();
    List<Result> results = new ArrayList<>();
    for (Operation<?> row : rows) {
      Result result = test(row);
      results.add(result);
      listener.tested(result, results.size(), rows.size());
    }
    return results;
  }

  private <S> Result test(Operation<S> operation) {
    long begun = System.nanoTime();
    Draw draw = Draw.of(seed, operation.name());
    List<S> shapes = new ArrayList<>(operation.shapes().apply(draw));
    shapes.addAll(operation.large().apply(draw));
    List<String> failures = new ArrayList<>();
    int calls = 0;
    for (Kernel<S> kernel : operation.kernels()) {
      for (S shape : shapes) {
        calls++;
        try {
          ParityCheck.check(operation, kernel, shape, device, draw(operation, calls));
          DeterminismCheck.check(operation, kernel, shape, List.of(device), draw(operation, calls));
        } catch (AssertionError | RuntimeException e) {
          failures.add(kernel.title() + " at " + shape + ": " + e.getMessage());
        }
      }
    }
    return new Result(operation.name(), calls, failures, (System.nanoTime() - begun) * 1e-9);
  }

  private Draw draw(Operation<?> operation, int call) {
    return Draw.of(seed, operation.name(), "self-test", call);
  }
}
