package dev.culebra.cli;

import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import java.io.PrintWriter;
import picocli.CommandLine.Option;

/** The options by which a command that computes is told where. */
final class DeviceOptions {

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Where to compute: " + Devices.NAMES + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "auto")
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads; 0 for one per core (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  int threads;

  /** Opens the device; where {@code auto} chose, says what and why. */
  Device open(PrintWriter err) {
    Devices.Choice choice = Devices.open(device, threads);
    if (device.equals("auto")) {
      err.println("device      " + choice.reason());
    }
    return choice.device();
  }
}
