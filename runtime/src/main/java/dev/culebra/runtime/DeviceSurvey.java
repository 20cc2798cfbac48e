package dev.culebra.runtime;

import dev.culebra.bindings.Caches;
import dev.culebra.bindings.CudaLibraries;
import dev.culebra.bindings.LibraryStatus;
import dev.culebra.bindings.NativeLibraryException;
import dev.culebra.bindings.OpenBlasLibrary;
import dev.culebra.runtime.device.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What this machine offers, and why not more.
 *
 * @param devices one entry per kind of device
 * @param libraries the native libraries, with every place where they were looked for
 * @param caches folders for files that can be made again, best first
 */
public record DeviceSurvey(List<Entry> devices, List<LibraryStatus> libraries, List<Path> caches) {

  /**
   * A device.
   *
   * @param name by which {@code --device} asks for it
   * @param usable whether it opens
   * @param description what it is, or why it does not open
   */
  public record Entry(String name, boolean usable, String description) {}

  /**
   * Loads every library and opens every device once, except the software CUDA device: it shares no
   * process with NVIDIA's libraries, so it is described unless it is asked for.
   *
   * @param software whether to look at the software device instead of NVIDIA's
   */
  public static DeviceSurvey take(boolean software) {
    List<Entry> devices = new ArrayList<>();
    List<LibraryStatus> libraries = new ArrayList<>();
    LibraryStatus blas = openBlas();
    libraries.add(blas);
    devices.add(blas.loaded() ? opened("cpu") : new Entry("cpu", false, "OpenBLAS is not loaded"));
    devices.addAll(software ? List.of(opened("soft")) : nvidia());
    libraries.addAll(CudaLibraries.survey());
    if (!software) {
      devices.add(new Entry("soft", true, "a CUDA device in software, for tests: --device soft"));
    }
    return new DeviceSurvey(devices, libraries, Caches.folders());
  }

  private static List<Entry> nvidia() {
    Entry first = opened("cuda:0");
    List<Entry> all = new ArrayList<>(List.of(first));
    if (first.usable) {
      for (int i = 1; i < Devices.nvidiaCount(); i++) {
        all.add(opened("cuda:" + i));
      }
    }
    return all;
  }

  private static Entry opened(String name) {
    try (Device device = Devices.open(name, Devices.Options.DEFAULT).device()) {
      return new Entry(name, true, device.description());
    } catch (RuntimeException e) { // whatever keeps it from opening is what doctor is asked for
      return new Entry(name, false, firstLine(e));
    }
  }

  private static LibraryStatus openBlas() {
    try {
      OpenBlasLibrary blas = OpenBlasLibrary.load();
      String description =
          blas.config() + "; kernels for " + blas.core() + "; threads: " + blas.threading();
      return new LibraryStatus("OpenBLAS", true, description, blas.attempts());
    } catch (NativeLibraryException e) {
      return new LibraryStatus("OpenBLAS", false, e.reason(), e.attempts());
    }
  }

  private static String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
