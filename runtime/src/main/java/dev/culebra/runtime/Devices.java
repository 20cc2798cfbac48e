package dev.culebra.runtime;

import static java.util.stream.Collectors.joining;

import dev.culebra.bindings.CudaLibraries;
import dev.culebra.bindings.NativeLibraryException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.cuda.CudaDevice;
import dev.culebra.runtime.cuda.CudaException;
import dev.culebra.runtime.cuda.CudaOptions;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.NoSuchDeviceException;
import dev.culebra.runtime.device.Precision;
import java.util.Locale;
import java.util.regex.Matcher;
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

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,4}))?");
  private static final String USE_CPU = "; use --device cpu";

  private Devices() {}

  /**
   * How a device is to work.
   *
   * @param threads CPU threads, the caller's among them; 0 for as many as there are cores
   * @param precision the numbers to compute in; null for the device's usual ones: float32 on the
   *     CPU, bfloat16 on a CUDA device
   * @param graphs whether a CUDA device replays repeated work as a graph
   */
  public record Options(int threads, Precision precision, boolean graphs) {

    /** All cores, the usual precision, graphs. */
    public static final Options DEFAULT = new Options(0, null, true);

    /** Checks the range. */
    public Options {
      if (threads < 0) {
        throw new BadInputException(
            "threads must be 0 (all cores) or more, not " + threads + ": set another number");
      }
    }
  }

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
   * @throws BadInputException if that is no device's name, or it does not compute in that precision
   * @throws NoSuchDeviceException if there is no such device, with everything that was looked for
   * @throws NativeLibraryException if the CPU's OpenBLAS cannot be loaded
   */
  public static Choice open(String name, Options options) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      int ordinal = cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1));
      return choice(nvidia(name, ordinal, options), "as asked");
    }
    return switch (name) {
      case "auto" -> automatic(options);
      case "cpu" -> choice(cpu(options), "as asked");
      case "soft" -> choice(software(options), "as asked");
      default -> throw new BadInputException("there is no device '" + name + "': name " + NAMES);
    };
  }

  private static Choice automatic(Options options) {
    String why;
    try {
      CudaLibraries.nvidia();
      return choice(nvidia("cuda:0", 0, options), "chosen because it is there");
    } catch (NativeLibraryException e) {
      why = reason(e);
    } catch (NoSuchDeviceException e) {
      why = e.getMessage().replace(USE_CPU, "");
    }
    return choice(cpu(options), "chosen because " + why);
  }

  private static Device cpu(Options options) {
    if (options.precision != null && options.precision != Precision.FP32) {
      throw new BadInputException(
          "the CPU computes in fp32, not in "
              + options.precision.name().toLowerCase(Locale.ROOT)
              + ": leave the precision out or choose a CUDA device");
    }
    return CpuDevice.open(
        options.threads == 0 ? Runtime.getRuntime().availableProcessors() : options.threads);
  }

  private static Device nvidia(String name, int ordinal, Options options) {
    try {
      CudaLibraries.nvidia();
    } catch (NativeLibraryException e) {
      throw absent(name, e);
    }
    int devices;
    try {
      devices = CudaDevice.count();
    } catch (CudaException e) {
      throw new NoSuchDeviceException(
          "there is no device '"
              + name
              + "': NVIDIA's driver is here, but does not start: "
              + e.getMessage()
              + USE_CPU);
    }
    if (ordinal >= devices) {
      throw new NoSuchDeviceException(
          "there is no device '"
              + name
              + "': NVIDIA's driver is here and offers "
              + offer(devices)
              + USE_CPU);
    }
    return CudaDevice.open("cuda:" + ordinal, ordinal, cuda(options));
  }

  private static String offer(int devices) {
    return switch (devices) {
      case 0 -> "no device";
      case 1 -> "one device, cuda:0";
      default -> devices + " devices, cuda:0 to cuda:" + (devices - 1);
    };
  }

  /** How many GPUs the loaded driver offers. */
  static int nvidiaCount() {
    return CudaDevice.count();
  }

  private static Device software(Options options) {
    try {
      CudaLibraries.software();
    } catch (NativeLibraryException e) {
      throw absent("soft", e);
    }
    return CudaDevice.open("soft", 0, cuda(options));
  }

  /** The reason in the first line, then what was tried. */
  private static NoSuchDeviceException absent(String name, NativeLibraryException e) {
    String tried = e.getMessage().lines().skip(1).map(line -> "\n" + line).collect(joining());
    return new NoSuchDeviceException(
        "there is no device '" + name + "': " + reason(e) + USE_CPU + tried);
  }

  /** Without its full stop, for use within a sentence. */
  private static String reason(NativeLibraryException e) {
    return e.reason().replaceFirst("\\.$", "");
  }

  private static CudaOptions cuda(Options options) {
    return new CudaOptions(
        options.precision == null ? Precision.BF16 : options.precision, options.graphs);
  }

  private static Choice choice(Device device, String why) {
    return new Choice(device, device.name() + ", " + why + ": " + device.summary());
  }
}
