package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.bindings.CompilerNotFoundException;
import dev.culebra.bindings.CudaLibraries;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.SoftwareControls;
import org.junit.jupiter.api.Assumptions;

/** The software device as these tests use it. */
final class SoftwareDeviceUse {

  private SoftwareDeviceUse() {}

  /**
   * Loads its library; without a C++ compiler the test is skipped with that reason, unless {@code
   * -Dculebra.test.soft.required=true}.
   */
  static void load() {
    try {
      assertThat(CudaLibraries.software().isSoftware()).isTrue();
    } catch (CompilerNotFoundException e) {
      if (Boolean.getBoolean("culebra.test.soft.required")) {
        throw e;
      }
      Assumptions.abort(e.getMessage());
    }
  }

  /** A device as new, whose schedules follow from {@code seed}. */
  static Device open(long seed, Precision precision, boolean graphs) {
    SoftwareControls.reset(seed);
    return Devices.open("soft", new Devices.Options(0, precision, graphs)).device();
  }
}
