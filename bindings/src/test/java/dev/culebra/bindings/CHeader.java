package dev.culebra.bindings;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the vendor's own header says of the names that a generated class has, found out by a small
 * C++ program. It prints the lines that {@link AbiProgram} prints of the generated class.
 */
final class CHeader {

  private static final String PRELUDE =
      """
      #include <cstddef>
      #include <cstdio>

      template <class Function> struct Sizes;
      template <class Result, class... Arguments> struct Sizes<Result (*)(Arguments...)> {
        static void print(const char* name) {
          std::printf("%s %zu", name, sizeof(Result));
          const std::size_t sizes[] = {sizeof(Arguments)..., 0};
          for (std::size_t i = 0; i < sizeof...(Arguments); ++i) std::printf(" %zu", sizes[i]);
          std::printf("\\n");
        }
      };

      int main() {
      """;

  private final CxxCompiler compiler;
  private final Path folder;

  /** The headers in a folder. */
  CHeader(CxxCompiler compiler, Path folder) {
    this.compiler = compiler;
    this.folder = folder;
  }

  /**
   * The first folder that holds headers: that of the property {@code culebra.cuda.headers} alone,
   * if it is set; else those of {@code CUDA_HOME}, {@code CUDA_PATH}, {@code /usr/local/cuda} and
   * the system.
   */
  static Optional<Path> folderWith(List<String> headers) {
    List<Path> folders = new ArrayList<>();
    String named = System.getProperty("culebra.cuda.headers", "");
    if (!named.isBlank()) {
      folders.add(Path.of(named));
    } else {
      for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
        String home = System.getenv().getOrDefault(variable, "");
        if (!home.isBlank()) {
          folders.add(Path.of(home, "include"));
        }
      }
      folders.add(Path.of("/usr/local/cuda/include"));
      folders.add(Path.of("/usr/include"));
    }
    return folders.stream()
        .filter(folder -> headers.stream().allMatch(header -> Files.exists(folder.resolve(header))))
        .findFirst();
  }

  /** What a header says of the names of a generated class. */
  List<String> says(String header, Class<?> binding, Path scratch) throws Exception {
    IncludeList names = IncludeList.of(binding);
    StringBuilder program = new StringBuilder("#include <" + header + ">\n" + PRELUDE);
    for (String name : names.constants()) {
      print(program, name + " = %lld", "(long long)(" + name + ")");
    }
    for (String structure : names.structures()) {
      print(program, structure + " size %zu", "sizeof(" + structure + ")");
      Class<?> type = Class.forName(binding.getPackageName() + "." + structure);
      GroupLayout layout = (GroupLayout) type.getMethod("layout").invoke(null);
      for (MemoryLayout member : layout.memberLayouts()) {
        member.name().ifPresent(name -> printMember(program, structure, name));
      }
    }
    for (String function : names.functions()) {
      program.append(
          String.format(Locale.ROOT, "  Sizes<decltype(&%1$s)>::print(\"%1$s\");\n", function));
    }
    program.append("}\n");
    Path source = Files.writeString(scratch.resolve("abi.cpp"), program);
    Path executable = scratch.resolve("abi");
    run(
        compiler,
        scratch,
        List.of(
            "-std=c++17",
            "-w",
            "-I" + folder,
            "-I" + folder.resolve("cccl"),
            source.toString(),
            "-o",
            executable.toString()));
    return run(new CxxCompiler(executable, ""), scratch, List.of()).lines().toList();
  }

  private static void printMember(StringBuilder program, String structure, String name) {
    print(
        program,
        structure + "." + name + " at %zu size %zu",
        String.format(
            Locale.ROOT, "offsetof(%1$s, %2$s), sizeof(((%1$s*)nullptr)->%2$s)", structure, name));
  }

  private static void print(StringBuilder program, String format, String values) {
    program.append(String.format(Locale.ROOT, "  std::printf(\"%s\\n\", %s);\n", format, values));
  }

  private static String run(CxxCompiler program, Path folder, List<String> arguments)
      throws IOException {
    CxxCompiler.Outcome outcome = program.run(folder, arguments);
    if (outcome.code() != 0) {
      throw new AssertionError(outcome.text());
    }
    return outcome.text();
  }
}
