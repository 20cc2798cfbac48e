package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Attention over intervals of keys, by tiles of queries and blocks of keys (Dao et al. 2022,
 * arXiv:2205.14135); a thread holds one or two blocks of scores, nothing more.
 *
 * <p>Forward, every tile and head is a task. Backward, every group of rows that shares no keys with
 * others and every key head is a task, which is sequential inside; so keys' gradients are summed in
 * a fixed order, without locks.
 */
final class CpuAttention {

  private final CpuPool pool;
  private final AttentionTiles tiles = new AttentionTiles(AttentionForward.TILE);

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
      Intervals intervals) {
    checkQueries("attention", attention, "q", q);
    checkKeys("attention", attention, "k", k);
    checkKeys("attention", attention, "v", v);
    checkQueries("attention", attention, "out", out);
    checkRows("attention", attention, logSumExp, intervals);
    cut(attention, intervals);
    pool.run(
        Math.multiplyExact((long) tiles.tiles(), attention.heads()),
        new AttentionForward(attention, tiles, pool, out, logSumExp, q, k, v, intervals));
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#attentionBackward}. */
  void attentionBackward(
      Attention attention,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      Matrix dout,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Buffer logSumExp,
      Intervals intervals) {
    checkQueries("attentionBackward", attention, "dq", dq);
    checkKeys("attentionBackward", attention, "dk", dk);
    checkKeys("attentionBackward", attention, "dv", dv);
    checkQueries("attentionBackward", attention, "dout", dout);
    checkQueries("attentionBackward", attention, "q", q);
    checkKeys("attentionBackward", attention, "k", k);
    checkKeys("attentionBackward", attention, "v", v);
    checkQueries("attentionBackward", attention, "out", out);
    checkRows("attentionBackward", attention, logSumExp, intervals);
    cut(attention, intervals);
    pool.run(
        Math.multiplyExact((long) tiles.groups(), attention.kvHeads()),
        new AttentionBackward(
            attention, tiles, pool, dq, dk, dv, dout, q, k, v, out, logSumExp, intervals));
  }

  private void cut(Attention attention, Intervals intervals) {
    tiles.cut(
        intervals.start().memory(),
        intervals.end().memory(),
        Math.toIntExact(attention.queries()),
        Math.toIntExact(attention.keys()));
  }

  private static void checkQueries(String name, Attention attention, String what, Matrix x) {
    long cols = (long) attention.heads() * attention.headSize();
    Contract.f32(name, what, x, attention.queries(), cols);
  }

  private static void checkKeys(String name, Attention attention, String what, Matrix x) {
    long cols = (long) attention.kvHeads() * attention.headSize();
    Contract.f32(name, what, x, attention.keys(), cols);
  }

  private static void checkRows(
      String name, Attention attention, Buffer logSumExp, Intervals intervals) {
    long queries = attention.queries();
    if (queries > Integer.MAX_VALUE || attention.keys() > Integer.MAX_VALUE) {
      throw Contract.wrong(
          name, queries + " queries and " + attention.keys() + " keys are more than I32 can count");
    }
    Contract.f32(name, "logSumExp", logSumExp, attention.heads() * queries);
    Contract.i32(name, "start", intervals.start(), queries);
    Contract.i32(name, "end", intervals.end(), queries);
  }
}
