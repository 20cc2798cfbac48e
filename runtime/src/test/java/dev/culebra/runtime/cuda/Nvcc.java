package dev.culebra.runtime.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** NVIDIA's compiler, and what it reports of kernels. */
final class Nvcc {

  private static final Pattern REPORT =
      Pattern.compile(
          "Compiling entry function '(\\w+)'.*?"
              + "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads.*?"
              + "Used (\\d+) registers([^\\n]*)",
          Pattern.DOTALL);

  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  /**
   * What a kernel needs of a chip.
   *
   * @param name of the kernel
   * @param registers of a thread
   * @param shared static shared memory of a block, in bytes
   * @param spills bytes of a thread that did not fit registers: the stack frame and its traffic
   */
  record Usage(String name, int registers, int shared, int spills) {}

  /** A compiled file: the kernels' needs, and the code. */
  record Compiled(List<Usage> kernels, byte[] cubin) {}

  private final Path program;
  private final Path sources;

  private Nvcc(Path program, Path sources) {
    this.program = program;
    this.sources = sources;
  }

  /** The compiler on PATH, under CUDA_HOME or under /usr/local/cuda; it works in {@code folder}. */
  static Optional<Nvcc> find(Path folder) {
    Stream<String> path = Stream.of(System.getenv("PATH").split(File.pathSeparator));
    Stream<String> homes =
        Stream.of(System.getenv("CUDA_HOME"), "/usr/local/cuda")
            .filter(Objects::nonNull)
            .map(home -> home + "/bin");
    return Stream.concat(path, homes)
        .map(bin -> Path.of(bin, "nvcc"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Nvcc(program, folder));
  }

  /** Puts a kernel file and its headers where the compiler finds them. */
  void add(KernelSource source) throws IOException {
    for (Map.Entry<String, String> file : source.all().entrySet()) {
      Files.writeString(sources.resolve(file.getKey()), file.getValue());
    }
  }

  /** Compiles a file for a chip. */
  Compiled compile(KernelBuild build, String chip) throws IOException, InterruptedException {
    Path cubin = Files.createTempFile(sources, "kernels", ".cubin");
    List<String> command = new ArrayList<>(List.of(program.toString(), "-std=c++17", "-cubin"));
    command.addAll(List.of("-arch=" + chip, "-Xptxas", "-v", "-o", cubin.toString()));
    build.macros().forEach(macro -> command.add("-D" + macro));
    command.add(build.file());
    Process process =
        new ProcessBuilder(command).directory(sources.toFile()).redirectErrorStream(true).start();
    String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed:\n" + log);
    }
    return new Compiled(usages(log), Files.readAllBytes(cubin));
  }

  private static List<Usage> usages(String log) {
    List<Usage> usages = new ArrayList<>();
    Matcher report = REPORT.matcher(log);
    while (report.find()) {
      Matcher shared = SHARED.matcher(report.group(6));
      int spills = number(report, 2) + number(report, 3) + number(report, 4);
      usages.add(
          new Usage(
              report.group(1), number(report, 5), shared.find() ? number(shared, 1) : 0, spills));
    }
    return usages;
  }

  private static int number(Matcher matcher, int group) {
    return Integer.parseInt(matcher.group(group));
  }
}
