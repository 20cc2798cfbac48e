package dev.culebra.test.lane;

import dev.culebra.bindings.CompilerNotFoundException;
import dev.culebra.bindings.CudaLibraries;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The software CUDA device, its schedules drawn from the seed of the run. Without a C++ compiler
 * the lane is skipped, unless {@code -Dculebra.test.soft.required=true}.
 *
 * @param precision what it computes in
 */
public record SoftwareLane(Precision precision) implements DeviceUnderTest {

  @Override
  public String name() {
    return "soft";
  }

  /** Its schedule is another at every call: two runs of it must agree. */
  @Override
  public List<Integer> threads() {
    return List.of(1);
  }

  @Override
  public Device open(int threads) {
    load();
    Device device = open(Seeds.all().getFirst(), precision, true);
    return DeviceUnderTest.require(device, name(), precision);
  }

  /**
   * Loads the software device; without a C++ compiler the test is skipped with that reason, unless
   * it is required.
   */
  public static void load() {
    try {
      if (!CudaLibraries.software().isSoftware()) {
        throw new IllegalStateException(
            "the lane is for the software device, but a GPU's is loaded");
      }
    } catch (CompilerNotFoundException e) {
      if (Boolean.getBoolean("culebra.test.soft.required")) {
        throw e;
      }
      Assumptions.abort(e.getMessage());
    }
  }

  /** A software device as new, whose schedules follow from {@code seed}; its library is loaded. */
  public static Device open(long seed, Precision precision, boolean graphs) {
    SoftwareControls.reset(seed);
    return Devices.open("soft", new Devices.Options(0, precision, graphs)).device();
  }

  @Override
  public void end() {
    String leaks = SoftwareControls.leaks();
    if (!leaks.isEmpty()) {
      throw new AssertionError("what the device's user left behind:\n" + leaks);
    }
  }
}
