package dev.culebra.test.operations.harness;

import dev.culebra.runtime.device.Device;
import java.util.List;

/** The device that this lane tests, by {@code -Dculebra.test.device}; there is no other choice. */
public interface DeviceUnderTest {

  /** Opens it with that many threads; one that is not there is an exception. */
  Device open(int threads);

  /** Numbers of threads among which results must not differ. */
  List<Integer> threads();

  /** The device named by {@code culebra.test.device}. */
  static DeviceUnderTest chosen() {
    throw new IllegalStateException(
        "no device '" + System.getProperty("culebra.test.device") + "' to test");
  }
}
