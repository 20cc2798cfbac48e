package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionContract;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.StepValues;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention by flash kernels: on tensor cores in bf16, by multiply-adds in float32. Nothing of size
 * queries x keys is stored; intervals stay on the device, where their content is not checked.
 */
final class CudaAttention {

  /** The largest head that a block's shared memory and registers hold. */
  static final int MOST_HEAD_SIZE = 128;

  /** Threads of a block. */
  static final int THREADS = 128;

  /** Heads of rows whose sums of dout * out a block computes. */
  private static final int DELTAS = 8;

  /** Blocks among which a head's queries are shared out where a bias is learned. */
  private static final int BIAS_BLOCKS = 64;

  private final Launcher launcher;
  private final DType real;
  private final boolean tensorCores;

  CudaAttention(Launcher launcher) {
    this.launcher = launcher;
    this.real = launcher.computeType();
    this.tensorCores = real == DType.BF16;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#attention}. */
  void attention(
      Attention attention,
      Matrix out,
      Buffer logSumExp,
      Matrix q,
      Matrix k,
      Matrix v,
      Intervals intervals,
      AttentionOptions options) {
    AttentionContract contract = new AttentionContract("attention", attention, real);
    contract.queries("q", q);
    contract.keys("k", k);
    contract.keys("v", v);
    contract.queries("out", out);
    contract.rows(logSumExp, intervals);
    contract.options(options);
    checkHead("attention", attention);
    if (attention.queries() == 0) {
      return;
    }
    AttentionTile tile =
        tensorCores
            ? AttentionTile.forward(attention.headSize(), plain(options))
            : AttentionTile.floats(attention.headSize());
    Launch launch =
        launch("forward", tile, options, tile.blocks(attention.queries()), attention.heads());
    matrix(launch, out).arg(logSumExp);
    matrix(matrix(matrix(launch, q), k), v);
    shape(launch, attention, intervals);
    bias(launch, options);
    dropout(launch, options);
    launch.shared(tile.forwardBytes()).run();
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#attentionBackward}. */
  void attentionBackward(
      Attention attention,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      Buffer dbias,
      Matrix dout,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Buffer logSumExp,
      Intervals intervals,
      AttentionOptions options) {
    AttentionContract contract = new AttentionContract("attentionBackward", attention, real);
    contract.queries("dq", dq);
    contract.keys("dk", dk);
    contract.keys("dv", dv);
    contract.queries("dout", dout);
    contract.queries("q", q);
    contract.keys("k", k);
    contract.keys("v", v);
    contract.queries("out", out);
    contract.rows(logSumExp, intervals);
    contract.options(options);
    contract.dbias(dbias, options.bias());
    checkHead("attentionBackward", attention);
    Buffer delta = delta(attention, dout, out);
    if (attention.keys() > 0) {
      AttentionTile tile =
          tensorCores
              ? AttentionTile.keys(attention.headSize(), plain(options))
              : AttentionTile.floats(attention.headSize());
      long blocks = tile.blocks(attention.keys());
      Launch launch = launch("backward_keys", tile, options, blocks, attention.kvHeads());
      matrix(matrix(launch, dk), dv);
      inputs(launch, dout, q, k, v, logSumExp, delta);
      shape(launch, attention, intervals);
      bias(launch, options);
      dropout(launch, options);
      launch.shared(tile.keysBytes()).run();
    }
    if (attention.queries() > 0) {
      AttentionTile tile =
          tensorCores
              ? AttentionTile.queries(attention.headSize())
              : AttentionTile.floats(attention.headSize());
      long tiles = tile.blocks(attention.queries());
      long blocks = dbias == null ? tiles : Math.min(tiles, BIAS_BLOCKS);
      Buffer sums = dbias == null ? null : biasSums(dbias, blocks);
      Launch launch = launch("backward_queries", tile, options, blocks, attention.heads());
      matrix(launch, dq);
      inputs(launch, dout, q, k, v, logSumExp, delta);
      shape(launch, attention, intervals);
      bias(launch, options).arg(sums);
      dropout(launch, options);
      launch.shared(tile.queriesBytes(dbias != null)).run();
      if (sums != null) {
        addBiasSums(attention, dbias, sums, blocks);
        sums.release();
      }
    }
    delta.release();
  }

  private static void checkHead(String operation, Attention attention) {
    if (attention.headSize() > MOST_HEAD_SIZE) {
      throw Contract.wrong(
          operation,
          "heads of "
              + attention.headSize()
              + " values; a CUDA device takes at most "
              + MOST_HEAD_SIZE);
    }
  }

  /** The sums of dout * out, F32, heads x queries. */
  private Buffer delta(Attention attention, Matrix dout, Matrix out) {
    long rows = attention.heads() * attention.queries();
    Buffer delta = launcher.scratch("attention delta", DType.F32, rows);
    if (rows > 0) {
      Launch launch =
          launcher
              .launch(
                  launcher.function("attention_sums.cu", "attention_delta"),
                  Math.ceilDiv(rows, DELTAS),
                  THREADS)
              .arg(delta);
      matrix(matrix(launch, dout), out)
          .arg(attention.queries())
          .arg(attention.heads())
          .arg(attention.headSize())
          .run();
    }
    return delta;
  }

  private Buffer biasSums(Buffer dbias, long blocks) {
    return launcher.scratch("attention bias sums", DType.F32, dbias.length() * blocks);
  }

  private void addBiasSums(Attention attention, Buffer dbias, Buffer sums, long blocks) {
    launcher
        .launch(
            launcher.function("attention_sums.cu", "attention_bias_sum"),
            Math.ceilDiv(dbias.length(), THREADS),
            THREADS)
        .arg(dbias)
        .arg(sums)
        .arg(attention.heads())
        .arg(blocks)
        .arg(dbias.length() / attention.heads())
        .run();
  }

  private Launch launch(
      String kernel, AttentionTile tile, AttentionOptions options, long blocks, int heads) {
    List<String> macros = new ArrayList<>(tile.macros());
    if (options.bias() != null) {
      macros.add("BIAS=1");
    }
    if (options.dropout() != null) {
      macros.add("DROPOUT=1");
    }
    Function function =
        launcher.function(
            tensorCores ? "attention_" + kernel + ".cu" : "attention_float.cu",
            (tensorCores ? "attention_" : "attention_float_") + kernel,
            macros.toArray(String[]::new));
    return launcher.launch(function, blocks, heads, 1, THREADS);
  }

  private static boolean plain(AttentionOptions options) {
    return options.bias() == null && options.dropout() == null;
  }

  private static Launch matrix(Launch launch, Matrix x) {
    return launch.arg(x.data()).arg(x.stride());
  }

  private static void inputs(
      Launch launch, Matrix dout, Matrix q, Matrix k, Matrix v, Buffer logSumExp, Buffer delta) {
    matrix(matrix(matrix(matrix(launch, dout), q), k), v).arg(logSumExp).arg(delta);
  }

  private static void shape(Launch launch, Attention attention, Intervals intervals) {
    launch
        .arg(intervals.start())
        .arg(intervals.end())
        .arg(Math.toIntExact(attention.queries()))
        .arg(Math.toIntExact(attention.keys()))
        .arg(attention.heads() / attention.kvHeads())
        .arg(attention.headSize())
        .arg(attention.scale());
  }

  private static Launch bias(Launch launch, AttentionOptions options) {
    return options.bias() == null
        ? launch.arg((Buffer) null).arg(0).arg(0L)
        : launch
            .arg(options.bias().table())
            .arg(options.bias().radius())
            .arg(options.bias().offset());
  }

  private static void dropout(Launch launch, AttentionOptions options) {
    if (options.dropout() == null) {
      launch.arg((Buffer) null).arg(0).arg(0).arg(1f);
    } else {
      launch
          .arg(options.stepValues().slice(StepValues.SEED, 1))
          .arg(options.dropout().stream())
          .arg(options.dropout().threshold())
          .arg(options.dropout().scale());
    }
  }
}
