package dev.culebra.test.lane;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The device that this lane tests, by {@code -Dculebra.test.device}; there is no other choice. */
public interface DeviceUnderTest {

  /** What the property takes. */
  String NAMES = "cpu, soft, soft:fp32, cuda, cuda:fp32, cuda:N or cuda:N:fp32";

  /** Its name, as {@link Device#name()} states it. */
  String name();

  /** Numbers of threads among which results must not differ. */
  List<Integer> threads();

  /**
   * Opens it with that many threads; a device that is not there is an exception, and so is one that
   * is another than was asked for.
   */
  Device open(int threads);

  /** Ends the lane, after its devices are closed: an exception if they left anything behind. */
  default void end() {}

  /** The device named by {@code culebra.test.device}. */
  static DeviceUnderTest chosen() {
    return named(String.valueOf(System.getProperty("culebra.test.device")));
  }

  /** The device of that name. */
  static DeviceUnderTest named(String name) {
    Matcher cuda = Pattern.compile("(soft|cuda(?::\\d+)?)(:fp32)?").matcher(name);
    if (name.equals("cpu")) {
      return new Cpu();
    }
    if (cuda.matches()) {
      Precision precision = cuda.group(2) == null ? Precision.BF16 : Precision.FP32;
      return cuda.group(1).equals("soft")
          ? new SoftwareLane(precision)
          : new CudaLane(cuda.group(1), precision);
    }
    throw new IllegalStateException(
        "no device '" + name + "' to test: give -Dculebra.test.device=" + NAMES);
  }

  /** Fails unless a device is the one that a lane is for. */
  static Device require(Device device, String name, Precision precision) {
    if (device.name().equals(name)
        && device.computeType() == precision.computeType()
        && (name.equals("cpu")
            || device.description().endsWith(", " + precision.name().toLowerCase(Locale.ROOT)))) {
      return device;
    }
    String found = device.name() + " (" + device.description() + ")";
    device.close();
    throw new IllegalStateException(
        "the lane is for " + name + " in " + precision + ", but what opened is " + found);
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
      return require(CpuDevice.open(threads), name(), Precision.FP32);
    }
  }
}
