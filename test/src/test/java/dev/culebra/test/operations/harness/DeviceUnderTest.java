package dev.culebra.test.operations.harness;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import java.util.List;

/** The device that this lane tests, by {@code -Dculebra.test.device}; there is no other choice. */
public interface DeviceUnderTest {

  /** Its name, as the property and {@link Device#name()} state it. */
  String name();

  /** Numbers of threads among which results must not differ. */
  List<Integer> threads();

  /** Opens it with that many threads; a device that is not there is an exception. */
  Device open(int threads);

  /** The device named by {@code culebra.test.device}. */
  static DeviceUnderTest chosen() {
    return named(System.getProperty("culebra.test.device"));
  }

  /** The device of that name. */
  static DeviceUnderTest named(String name) {
    if ("cpu".equals(name)) {
      return new Cpu();
    }
    throw new IllegalStateException(
        "no device '" + name + "' to test: give -Dculebra.test.device=cpu");
  }

  /** The CPU. */
  record Cpu() implements DeviceUnderTest {

    @Override
    public String name() {
      return "cpu";
    }

    @Override
    public List<Integer> threads() {
      return List.of(1, 2, 3);
    }

    @Override
    public Device open(int threads) {
      return CpuDevice.open(threads);
    }
  }
}
