package dev.culebra.runtime;

import dev.culebra.bindings.Attempt;
import dev.culebra.bindings.Caches;
import dev.culebra.bindings.CudaDriver;
import dev.culebra.bindings.LibraryNotFoundException;
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
public record DeviceSurvey(List<Entry> devices, List<Library> libraries, List<Path> caches) {

  /**
   * A device.
   *
   * @param name by which {@code --device} asks for it
   * @param usable whether it opens
   * @param description what it is, or why it does not open
   */
  public record Entry(String name, boolean usable, String description) {}

  /**
   * A native library.
   *
   * @param name for people
   * @param loaded whether it is loaded now
   * @param description version and build, or why it is not loaded
   * @param attempts where it was looked for, in order
   */
  public record Library(String name, boolean loaded, String description, List<Attempt> attempts) {}

  /** Loads every library and opens every device once. */
  public static DeviceSurvey take() {
    List<Entry> devices = new ArrayList<>();
    List<Library> libraries = new ArrayList<>();
    Library blas = openBlas();
    libraries.add(blas);
    devices.add(blas.loaded ? cpu() : new Entry("cpu", false, "OpenBLAS is not loaded"));
    Library driver = cudaDriver();
    libraries.add(driver);
    devices.add(
        new Entry("cuda", false, driver.loaded ? Devices.NO_CUDA_KERNELS : driver.description));
    devices.add(new Entry("soft", false, Devices.NO_SOFTWARE_DEVICE));
    return new DeviceSurvey(devices, libraries, Caches.folders());
  }

  private static Entry cpu() {
    try (Device device = Devices.open("cpu", 0).device()) {
      return new Entry("cpu", true, device.description());
    }
  }

  private static Library openBlas() {
    try {
      OpenBlasLibrary blas = OpenBlasLibrary.load();
      String description =
          blas.config() + "; kernels for " + blas.core() + "; threads: " + blas.threading();
      return new Library("OpenBLAS", true, description, blas.attempts());
    } catch (NativeLibraryException e) {
      return new Library("OpenBLAS", false, firstLine(e), e.attempts());
    }
  }

  private static Library cudaDriver() {
    String name = "NVIDIA driver";
    try {
      CudaDriver driver = CudaDriver.load();
      return new Library(name, true, driver.path().toString(), driver.attempts());
    } catch (LibraryNotFoundException e) {
      return new Library(name, false, "no libcuda.so.1 could be loaded", e.attempts());
    }
  }

  private static String firstLine(Exception e) {
    return e.getMessage().lines().findFirst().orElse("");
  }
}
