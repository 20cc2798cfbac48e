package dev.culebra.bindings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the libraries of NVIDIA's toolkit may be, and which of their versions a driver can serve.
 *
 * <p>The places, in this order:
 *
 * <ol>
 *   <li>the folder {@code lib} of the installed program ({@code culebra.home});
 *   <li>the toolkits that the environment variables {@code CUDA_HOME} and {@code CUDA_PATH} name:
 *       {@code lib64}, then {@code targets/x86_64-linux/lib}; {@code lib} of {@code CONDA_PREFIX};
 *   <li>the system: {@code LD_LIBRARY_PATH}, then the usual folders of Linux distributions;
 *   <li>{@code /usr/local/cuda}, then {@code /usr/local/cuda-*}, newest first;
 *   <li>NVIDIA's Python packages, in the environments that {@code VIRTUAL_ENV} and {@code
 *       CONDA_PREFIX} name, in the user's, then in the system's.
 * </ol>
 */
final class CudaToolkit {

  /** The newest major version whose headers the bindings were generated from, and older ones. */
  private static final List<Integer> MAJORS = List.of(13, 12);

  private static final Pattern MAJOR = Pattern.compile("\\.so\\.(\\d{1,4})(\\.|$)");
  private static final Pattern VERSION = Pattern.compile("cuda-(\\d{1,4})(?:\\.(\\d{1,4}))?");

  private CudaToolkit() {}

  /** The versioned names of a library, newest first: {@code libnvrtc.so.13} and so on. */
  static List<String> fileNames(String library) {
    return MAJORS.stream().map(major -> library + ".so." + major).toList();
  }

  /** Why a file whose name tells its major version is too new for a driver. */
  static Optional<String> tooNew(Path file, CudaVersion driver) {
    return major(file)
        .filter(major -> major > driver.major())
        .map(
            major ->
                String.format(
                    Locale.ROOT,
                    "needs a driver for CUDA %d; the one here is for CUDA %s",
                    major,
                    driver));
  }

  private static Optional<Integer> major(Path file) {
    Matcher matcher = MAJOR.matcher(file.getFileName().toString());
    return matcher.find() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
  }

  /**
   * The places for one library.
   *
   * @param wheels its folders in a folder of Python packages, newest first
   */
  static List<LibraryPlace> places(List<String> wheels) {
    List<LibraryPlace> places = new ArrayList<>();
    places.add(LibraryPlace.besideTheProgram());
    places.add(named("CUDA_HOME", "lib64", "targets/" + target() + "/lib"));
    places.add(named("CUDA_PATH", "lib64", "targets/" + target() + "/lib"));
    places.add(named("CONDA_PREFIX", "lib"));
    places.add(LibraryPlace.system());
    places.add(search -> installed().forEach(folder -> offer("toolkit", folder, search)));
    places.add(search -> offerWheels(wheels, search));
    return places;
  }

  private static LibraryPlace named(String variable, String... folders) {
    return search -> {
      String home = System.getenv().getOrDefault(variable, "");
      String place = "environment variable " + variable;
      if (home.isBlank()) {
        search.reject(place, "", "not set");
      } else {
        for (String folder : folders) {
          offer(place, Path.of(home, folder), search);
        }
      }
    };
  }

  /** NVIDIA's name of this machine's processor. */
  private static String target() {
    return SharedObject.architecture().equals("aarch64") ? "sbsa-linux" : "x86_64-linux";
  }

  private static void offer(String place, Path folder, LibrarySearch search) {
    LibraryPlace.folder(place, folder).offerTo(search);
  }

  private static List<Path> installed() {
    List<Path> folders = new ArrayList<>();
    folders.add(Path.of("/usr/local/cuda/lib64"));
    LibrarySearch.matches(Path.of("/usr/local"), "cuda-*").stream()
        .sorted(Comparator.comparing(CudaToolkit::version).reversed())
        .map(folder -> folder.resolve("lib64"))
        .forEach(folders::add);
    return folders;
  }

  private static CudaVersion version(Path toolkit) {
    Matcher matcher = VERSION.matcher(toolkit.getFileName().toString());
    return matcher.matches()
        ? new CudaVersion(
            Integer.parseInt(matcher.group(1)),
            matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2)))
        : new CudaVersion(0, 0);
  }

  /** The folders where Python keeps packages: of the active environments, the user, the system. */
  private static List<Path> sitePackages() {
    List<Path> libraries = new ArrayList<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String environment = System.getenv().getOrDefault(variable, "");
      if (!environment.isBlank()) {
        libraries.add(Path.of(environment, "lib"));
      }
    }
    libraries.add(Path.of(System.getProperty("user.home"), ".local/lib"));
    libraries.add(Path.of("/usr/local/lib"));
    libraries.add(Path.of("/usr/lib"));
    List<Path> folders = new ArrayList<>();
    for (Path library : libraries) {
      for (Path python : LibrarySearch.matches(library, "python3*")) {
        for (String name : List.of("site-packages", "dist-packages")) {
          Path packages = python.resolve(name);
          if (Files.isDirectory(packages.resolve("nvidia"))) {
            folders.add(packages);
          }
        }
      }
    }
    return folders;
  }

  private static void offerWheels(List<String> wheels, LibrarySearch search) {
    List<Path> folders = sitePackages();
    if (folders.isEmpty()) {
      search.reject("Python packages", "", "none of NVIDIA's in the environments known here");
    }
    for (Path folder : folders) {
      for (String wheel : wheels) {
        offer("Python packages", folder.resolve(wheel), search);
      }
    }
  }
}
