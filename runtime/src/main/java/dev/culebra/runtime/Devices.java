package dev.culebra.runtime;

import dev.culebra.bindings.CudaDriver;
import dev.culebra.bindings.LibraryNotFoundException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.NoSuchDeviceException;
import java.util.regex.Pattern;

/**
 * Opens devices by name: {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:N} or {@code soft}.
 *
 * <p>A device that is named is the one that opens, or there is an exception; only {@code auto}
 * chooses, and says what and why.
 */
public final class Devices {

  /** The names, for people. */
  public static final String NAMES = "auto, cpu, cuda, cuda:N or soft";

  static final String NO_CUDA_KERNELS = "this version of Culebra has no CUDA kernels yet";
  static final String NO_SOFTWARE_DEVICE =
      "this version of Culebra has no software CUDA device (for tests) yet";

  private static final Pattern CUDA = Pattern.compile("cuda(:\\d{1,4})?");
  private static final String USE_CPU = "; use --device cpu";

  private Devices() {}

  /**
   * An opened device.
   *
   * @param device to be closed by the caller
   * @param reason one line: what was chosen, and why
   */
  public record Choice(Device device, String reason) {}

  /**
   * Opens a device.
   *
   * @param name one of {@link #NAMES}
   * @param threads CPU threads, the caller's among them; 0 for as many as there are cores
   * @throws BadInputException if that is no device's name
   * @throws NoSuchDeviceException if there is no such device, with everything that was looked for
   * @throws dev.culebra.bindings.NativeLibraryException if the CPU's OpenBLAS cannot be loaded
   */
  public static Choice open(String name, int threads) {
    if (threads < 0) {
      throw new BadInputException(
          "threads must be 0 (all cores) or more, not " + threads + ": set another number");
    }
    return switch (name) {
      case "auto" -> choice(cpu(threads), "chosen because " + NO_CUDA_KERNELS);
      case "cpu" -> choice(cpu(threads), "as asked");
      case "soft" ->
          throw new NoSuchDeviceException(
              "there is no device 'soft': " + NO_SOFTWARE_DEVICE + USE_CPU);
      case String cuda when CUDA.matcher(cuda).matches() -> throw noCuda(cuda);
      default -> throw new BadInputException("there is no device '" + name + "': name " + NAMES);
    };
  }

  private static Device cpu(int threads) {
    return CpuDevice.open(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
  }

  private static Choice choice(Device device, String why) {
    return new Choice(device, device.name() + ", " + why + ": " + device.description());
  }

  private static NoSuchDeviceException noCuda(String name) {
    try {
      return new NoSuchDeviceException(
          "there is no device '"
              + name
              + "': NVIDIA's driver is here ("
              + CudaDriver.load().path()
              + "), but "
              + NO_CUDA_KERNELS
              + USE_CPU);
    } catch (LibraryNotFoundException e) {
      return new NoSuchDeviceException(
          "there is no device '" + name + "'" + USE_CPU + ". " + e.getMessage());
    }
  }
}
