package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;

/**
 * Sums the gradients of queries and keys over tiles: dq = W k and dk = W^T q for the gradient W of
 * the scores.
 *
 * <p>Sums of several tiles are kept in float32 and rounded once: those of keys until the end, those
 * of a row of tiles until its last one.
 */
final class ScoreGradient {

  private final Kernels kernels;
  private final Matrix q;
  private final Matrix k;
  private final Buffer dq;
  private final Buffer dk;
  private final Buffer querySum;
  private final Buffer keySum;
  private final Buffer weights;

  ScoreGradient(
      Kernels kernels,
      LogitTiles device,
      DType compute,
      ScoreSweep sweep,
      Matrix q,
      Matrix k,
      Buffer dq,
      Buffer dk) {
    this.kernels = kernels;
    this.q = q;
    this.k = k;
    this.dq = dq;
    this.dk = dk;
    boolean exact = compute == DType.F32;
    weights = exact ? null : device.scratch("score gradients", compute, sweep.values());
    querySum =
        exact || sweep.cols() >= k.rows()
            ? null
            : device.scratch("query gradients", DType.F32, sweep.rows() * q.cols());
    keySum =
        exact || sweep.rows() >= q.rows()
            ? null
            : device.scratch("key gradients", DType.F32, dk.length());
  }

  /** Where the gradient of a tile's scores goes: in their place if the compute type is F32. */
  Matrix weights(LogitTiles.Tile tile) {
    Matrix scores = tile.scores();
    return weights == null
        ? scores
        : new Matrix(weights, scores.rows(), scores.cols(), scores.stride(), false);
  }

  /** Adds what the gradient of a tile's scores says of its queries and keys. */
  void add(Matrix w, LogitTiles.Tile tile) {
    long rows = w.rows();
    long cols = w.cols();
    Buffer queries = dq.slice(tile.row() * q.cols(), rows * q.cols());
    Buffer queryTarget = querySum == null ? queries : querySum.slice(0, queries.length());
    kernels.matmul(
        Matrix.of(queryTarget, rows, q.cols()),
        w,
        k.rows(tile.col(), cols),
        Epilogue.accumulate(tile.col() > 0));
    if (querySum != null && tile.col() + cols == k.rows()) {
      kernels.copy(queries, queryTarget);
    }
    Buffer keys = (keySum == null ? dk : keySum).slice(tile.col() * k.cols(), cols * k.cols());
    kernels.matmul(
        Matrix.of(keys, cols, k.cols()),
        w.t(),
        q.rows(tile.row(), rows),
        Epilogue.accumulate(tile.row() > 0));
  }

  /** Rounds the keys' sums, and frees memory. */
  void finish() {
    if (keySum != null) {
      kernels.copy(dk, keySum);
      keySum.release();
    }
    if (querySum != null) {
      querySum.release();
    }
    if (weights != null) {
      weights.release();
    }
  }
}
