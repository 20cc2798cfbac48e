package dev.culebra.bindings;

import dev.culebra.bindings.cuda.Cuda;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A program that does what its arguments say, one after another, and tells how it went. */
final class CudaProgram {

  private CudaProgram() {}

  public static void main(String[] args) throws IOException {
    for (String argument : args) {
      String[] words = argument.split("=", 2);
      try {
        switch (words[0]) {
          case "nvidia" -> print(CudaLibraries.nvidia());
          case "software" -> print(CudaLibraries.software(Path.of(words[1])));
          case "build" -> System.out.println("built " + SoftwareDevice.build("").getFileName());
          case "survey" -> CudaLibraries.survey().forEach(CudaProgram::print);
          case "toolkit" -> toolkit(words[1]);
          case "elapsed" ->
              System.out.println(
                  "elapsed time: "
                      + EventElapsedTime.cuEventElapsedTime(
                          MemorySegment.NULL, MemorySegment.NULL, MemorySegment.NULL));
          case "init" -> System.out.println("cuInit: " + Cuda.cuInit(0));
          case "maps" -> maps(words[1]);
          default -> throw new AssertionError(argument);
        }
      } catch (NativeLibraryException | IllegalStateException e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  private static void print(CudaLibraries libraries) {
    System.out.printf(
        "%s: driver %s, compiler %s, blas %s%n",
        libraries.isSoftware() ? "software" : "nvidia",
        libraries.driverVersion(),
        libraries.compilerVersion(),
        libraries.blasVersion());
    libraries.statuses().forEach(CudaProgram::print);
  }

  private static void print(LibraryStatus status) {
    System.out.printf(
        "%s %s: %s%n", status.loaded() ? "+" : "-", status.name(), status.description());
    status.attempts().forEach(attempt -> System.out.println("  " + attempt));
  }

  /** Looks for a library in the places of NVIDIA's toolkit. */
  private static void toolkit(String library) {
    NativeLibrary found =
        new LibrarySearch(library, CudaToolkit.fileNames(library), List.of(), _ -> Optional.empty())
            .load(
                "culebra.test.library",
                "CULEBRA_TEST_LIBRARY",
                CudaToolkit.places(List.of("nvidia/cu13/lib", "nvidia/other/lib")));
    found.attempts().forEach(System.out::println);
  }

  /** The files mapped into this process whose paths contain a text. */
  private static void maps(String text) throws IOException {
    List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
    maps.stream()
        .filter(line -> line.contains(text))
        .map(line -> line.substring(line.indexOf('/')))
        .distinct()
        .forEach(line -> System.out.println("mapped " + line));
  }
}
