package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Workspace;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What operations need to run kernels on one device: functions, compiled on their first use, and
 * launches on the compute stream.
 */
final class Launcher implements AutoCloseable {

  private record Build(String file, List<String> macros) {}

  private record Name(Build build, String kernel) {}

  private final Context context;
  private final Stream stream;
  private final KernelCompiler compiler;
  private final Workspace workspace;
  private final DType computeType;
  private final int multiprocessors;
  private final CubinCache cache = new CubinCache();
  private final Resources resources = new Resources();
  private final Map<Build, KernelModule> modules = new HashMap<>();
  private final Map<Name, Function> functions = new HashMap<>();
  private final Launch launch;

  Launcher(
      Context context,
      Stream stream,
      KernelCompiler compiler,
      Workspace workspace,
      DType computeType,
      int multiprocessors,
      Arena arena) {
    this.context = context;
    this.stream = stream;
    this.compiler = compiler;
    this.workspace = workspace;
    this.computeType = computeType;
    this.multiprocessors = multiprocessors;
    this.launch = new Launch(stream, arena);
  }

  /** The type in which kernels compute: their macro REAL. */
  DType computeType() {
    return computeType;
  }

  /** Multiprocessors of the chip. */
  int multiprocessors() {
    return multiprocessors;
  }

  /** The compute stream. */
  Stream stream() {
    return stream;
  }

  /**
   * A kernel.
   *
   * @param file its file
   * @param kernel its name
   * @param macros what specialises it, each {@code NAME=VALUE}; REAL is added
   */
  Function function(String file, String kernel, String... macros) {
    Build build = new Build(file, List.of(macros));
    return functions.computeIfAbsent(
        new Name(build, kernel),
        name -> modules.computeIfAbsent(build, this::load).function(kernel));
  }

  private KernelModule load(Build build) {
    KernelSource source = KernelSource.read(build.file);
    List<String> macros = new ArrayList<>();
    macros.add("REAL=" + (computeType == DType.BF16 ? "bf16" : "float"));
    macros.addAll(build.macros);
    List<String> options = compiler.options(macros);
    String key = CubinCache.key(source, options, compiler.version());
    byte[] cubin =
        cache
            .find(key)
            .orElseGet(
                () -> {
                  byte[] compiled = compiler.compile(source, options);
                  cache.keep(key, compiled);
                  return compiled;
                });
    return resources.add(KernelModule.load(cubin));
  }

  /**
   * Workspace memory of undefined content. It may be released as soon as the launches that use it
   * were given to the stream: whoever gets it next comes after them.
   */
  Buffer scratch(String name, DType type, long length) {
    return workspace.allocate(name, type, length);
  }

  /** A launch over a row of blocks. */
  Launch launch(Function function, long blocks, int threads) {
    return launch(function, blocks, 1, 1, threads);
  }

  /** A launch over a grid of blocks. */
  Launch launch(Function function, long blocksX, long blocksY, long blocksZ, int threads) {
    context.check();
    return launch.begin(function, blocksX, blocksY, blocksZ, threads);
  }

  /** Unloads the kernels. */
  @Override
  public void close() {
    functions.clear();
    modules.clear();
    resources.close();
  }
}
