package dev.culebra.test.lane;

import dev.culebra.bindings.CudaLibraries;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import java.util.List;

/**
 * An NVIDIA GPU.
 *
 * @param asked as {@link Devices#open} takes it: {@code cuda} or {@code cuda:N}
 * @param precision what it computes in
 */
public record CudaLane(String asked, Precision precision) implements DeviceUnderTest {

  @Override
  public String name() {
    return asked.equals("cuda") ? "cuda:0" : asked;
  }

  /** A GPU's threads are its own: two runs of it must agree. */
  @Override
  public List<Integer> threads() {
    return List.of(1);
  }

  @Override
  public Device open(int threads) {
    Device device = Devices.open(asked, new Devices.Options(0, precision, true)).device();
    if (CudaLibraries.loaded().orElseThrow().isSoftware()) {
      device.close();
      throw new IllegalStateException("the lane is for a GPU, but the software device is loaded");
    }
    return DeviceUnderTest.require(device, name(), precision);
  }
}
