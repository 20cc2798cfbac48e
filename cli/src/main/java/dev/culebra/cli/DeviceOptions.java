package dev.culebra.cli;

import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
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

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "Numbers to compute in: fp32, tf32 or bf16 (default: fp32 on the CPU, bf16 on CUDA"
              + " devices).")
  Precision precision;

  private Devices.Choice choice;
  private boolean told;

  /** Opens the device. */
  Device open() {
    choice = Devices.open(device, new Devices.Options(threads, precision, true));
    return choice.device();
  }

  /**
   * Says once what {@code auto} chose, and why; nothing of a device that was named. For commands to
   * call when nothing can be refused any more.
   */
  void tell(PrintWriter err) {
    if (device.equals("auto") && !told) {
      err.println("device      " + choice.reason());
      told = true;
    }
  }
}
