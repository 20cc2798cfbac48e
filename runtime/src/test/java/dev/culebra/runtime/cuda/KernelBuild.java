package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Activation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A kernel file as a launcher has it compiled.
 *
 * @param file its name
 * @param macros what specialises it, REAL among them
 * @param threads the most threads of a block of its kernels
 * @param shared the most dynamic shared memory of a block, in bytes
 * @param tensorCores whether its matrix products run on tensor cores
 */
record KernelBuild(
    String file, List<String> macros, int threads, long shared, boolean tensorCores) {

  private static final List<DType> TYPES = List.of(DType.BF16, DType.F32);

  /**
   * Everything that the launchers may ask for.
   *
   * @param everyOption whether attention's options are taken in every combination, or none and all
   */
  static List<KernelBuild> all(boolean everyOption) {
    List<KernelBuild> builds = new ArrayList<>();
    for (DType type : TYPES) {
      for (String file :
          List.of("memory", "dropout", "sample", "columns", "adamw", "muon", "average")) {
        builds.add(plain(file, type, Grids.THREADS));
      }
      for (String file : List.of("scatter", "unit_rows", "pool", "squared_error")) {
        builds.add(plain(file, type, Grids.THREADS));
      }
      for (Activation f : Activation.values()) {
        builds.add(of("activation", type, List.of(CudaActivation.macro(f)), Grids.THREADS, 0));
      }
      builds.add(plain("gather", type, Grids.ROW_THREADS));
      builds.add(plain("rotary", type, Grids.ROW_THREADS));
      builds.add(plain("reductions", type, CudaReductions.LAST_THREADS));
      builds.add(crossEntropy(type));
      builds.add(plain("contrast", type, CudaLogitTiles.COLUMN_THREADS));
      builds.add(plain("contrast_mask", type, Grids.THREADS));
      builds.add(plain("contrast_sigmoid", type, Grids.THREADS));
      builds.add(plain("attention_sums", type, CudaAttention.THREADS));
      norms(type).forEach(builds::add);
      for (DType result : type == DType.F32 ? List.of(type) : TYPES) {
        String macro = "RESULT=" + name(result);
        builds.add(of("epilogue", type, List.of(macro), Grids.THREADS, 0));
      }
    }
    for (int head = 32; head <= CudaAttention.MOST_HEAD_SIZE; head += 32) {
      builds.addAll(attention(head, false, false));
      builds.addAll(attention(head, true, true));
      if (everyOption) {
        builds.addAll(attention(head, true, false));
        builds.addAll(attention(head, false, true));
      }
    }
    return builds;
  }

  /** The kernels of a head size, on tensor cores and in float32. */
  private static List<KernelBuild> attention(int head, boolean bias, boolean dropout) {
    AttentionTile forward = AttentionTile.forward(head, !bias && !dropout);
    AttentionTile keys = AttentionTile.keys(head, !bias && !dropout);
    AttentionTile queries = AttentionTile.queries(head);
    AttentionTile floats = AttentionTile.floats(head);
    long floatBytes =
        Math.max(floats.forwardBytes(), Math.max(floats.keysBytes(), floats.queriesBytes(bias)));
    List<String> options = new ArrayList<>();
    if (bias) {
      options.add("BIAS=1");
    }
    if (dropout) {
      options.add("DROPOUT=1");
    }
    return List.of(
        attention("forward", forward, options, forward.forwardBytes()),
        attention("backward_keys", keys, options, keys.keysBytes()),
        attention("backward_queries", queries, options, queries.queriesBytes(bias)),
        attention("float", floats, options, floatBytes));
  }

  private static KernelBuild attention(
      String name, AttentionTile tile, List<String> options, long shared) {
    List<String> macros = new ArrayList<>(tile.macros());
    macros.addAll(options);
    DType type = tile.floats() ? DType.F32 : DType.BF16;
    KernelBuild build = of("attention_" + name, type, macros, CudaAttention.THREADS, shared);
    return new KernelBuild(build.file, build.macros, build.threads, build.shared, !tile.floats());
  }

  private static KernelBuild plain(String file, DType type, int threads) {
    return of(file, type, List.of(), threads, 0);
  }

  private static KernelBuild of(
      String file, DType type, List<String> macros, int threads, long shared) {
    List<String> all = new ArrayList<>(List.of("REAL=" + name(type)));
    all.addAll(macros);
    return new KernelBuild(file + ".cu", List.copyOf(all), threads, shared, false);
  }

  private static KernelBuild crossEntropy(DType type) {
    long shared = 16L * CudaCrossEntropy.CACHED_VECTORS;
    return of("cross_entropy", type, List.of(), CudaCrossEntropy.MAX_THREADS, shared);
  }

  /** One for each way in which a row of any width is held. */
  private static List<KernelBuild> norms(DType type) {
    Set<CudaNorm.Shape> shapes = new LinkedHashSet<>();
    for (long cols = 1; cols <= CudaNorm.MAX_COLS; cols++) {
      shapes.add(CudaNorm.Shape.of("norm", cols, 16 / type.bytes()));
    }
    return shapes.stream()
        .map(shape -> of("norm", type, List.of(shape.macros()), shape.threads(), 0))
        .toList();
  }

  private static String name(DType type) {
    return type == DType.BF16 ? "bf16" : "float";
  }
}
