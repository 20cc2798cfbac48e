package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Kernels;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.TreeSet;

/** A row calls the methods of the wall that it says it covers, and no others. */
public final class CoverageCheck {

  private CoverageCheck() {}

  /** Runs all small shapes against kernels that only take notes. */
  public static <S> void check(Operation<S> operation, Draw draw) {
    for (Kernel<S> kernel : operation.kernels()) {
      Set<String> called = new TreeSet<>();
      Kernels notes =
          (Kernels)
              Proxy.newProxyInstance(
                  Kernels.class.getClassLoader(),
                  new Class<?>[] {Kernels.class},
                  (proxy, method, arguments) -> {
                    called.add(method.getName());
                    return null;
                  });
      try (HostDevice device = new HostDevice("notes", DType.F32, notes)) {
        for (S shape : operation.shapes().apply(draw)) {
          Values drawn = operation.draw(kernel, shape, draw);
          new OperationRun<>(kernel, shape, DType.F32, Placement.Layout.DENSE, drawn, draw)
              .on(device);
        }
      }
      if (!called.equals(new TreeSet<>(kernel.methods()))) {
        throw new AssertionError(
            operation.name() + " says it covers " + kernel.methods() + " but calls " + called);
      }
    }
  }
}
