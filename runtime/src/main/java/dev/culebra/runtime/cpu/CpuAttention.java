package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionContract;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Attention over intervals of keys, by tiles of queries and blocks of keys (Dao et al. 2022,
 * arXiv:2205.14135); a thread holds one or two blocks of scores, nothing more.
 *
 * <p>Forward, every tile and head is a task. Backward, every group of rows that shares no keys with
 * others and every key head is a task, which is sequential inside; so keys' gradients are summed in
 * a fixed order, without locks. With a bias to be learned, a task has a slice of the groups.
 */
final class CpuAttention {

  private final CpuPool pool;
  private final AttentionTiles tiles = new AttentionTiles(AttentionForward.TILE);
  private final BiasGradient biasGradient = new BiasGradient();

  CpuAttention(CpuPool pool) {
    this.pool = pool;
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
    AttentionContract contract = new AttentionContract("attention", attention, DType.F32);
    contract.queries("q", q);
    contract.keys("k", k);
    contract.keys("v", v);
    contract.queries("out", out);
    contract.rows(logSumExp, intervals);
    contract.options(options);
    cut(attention, intervals);
    pool.run(
        Math.multiplyExact((long) tiles.tiles(), attention.heads()),
        new AttentionForward(
            attention,
            tiles,
            pool,
            out,
            logSumExp,
            q,
            k,
            v,
            intervals,
            new ScoreOptions(attention, options)));
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
    AttentionContract contract = new AttentionContract("attentionBackward", attention, DType.F32);
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
    cut(attention, intervals);
    BiasGradient gradient =
        dbias == null ? null : biasGradient.begin(attention, options.bias(), tiles.groups());
    int slices = gradient == null ? tiles.groups() : gradient.slices();
    pool.run(
        Math.multiplyExact((long) slices, attention.kvHeads()),
        new AttentionBackward(
            attention,
            tiles,
            slices,
            pool,
            dq,
            dk,
            dv,
            gradient,
            dout,
            q,
            k,
            v,
            out,
            logSumExp,
            intervals,
            new ScoreOptions(attention, options)));
    if (gradient != null) {
      gradient.addTo(dbias.memory());
    }
  }

  private void cut(Attention attention, Intervals intervals) {
    tiles.cut(
        intervals.start().memory(),
        intervals.end().memory(),
        Math.toIntExact(attention.queries()),
        Math.toIntExact(attention.keys()));
  }
}
