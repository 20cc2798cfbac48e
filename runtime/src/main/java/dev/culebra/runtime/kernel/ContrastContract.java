package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;

/**
 * Checks of a contrastive loss's arguments, the same on every device. What groups and exceptions
 * hold is the device's to check, if it can.
 *
 * @param operation named by every complaint
 * @param q queries, N x D
 * @param k keys, M x D
 * @param compute the device's compute type
 */
record ContrastContract(String operation, Matrix q, Matrix k, DType compute) {

  /** Queries or keys: I32 counts them, and a tile of a kernel may reach behind the last. */
  private static final long MOST_ROWS = Integer.MAX_VALUE - 1023;

  /** The embeddings, and a loss for each query. */
  void embeddings(Buffer loss) {
    Contract.matrix(operation, "q", q, compute);
    Contract.matrix(operation, "k", k, compute, k.rows(), q.cols());
    if (k.rows() < q.rows()) {
      throw Contract.wrong(
          operation,
          q.rows() + " queries need a key each, and there are " + k.rows() + " keys alone");
    }
    if (k.rows() > MOST_ROWS) {
      throw Contract.wrong(operation, k.rows() + " keys: at most " + MOST_ROWS + " fit");
    }
    Contract.f32(operation, "loss", loss, q.rows());
  }

  /** A learned value, and its gradient, which may be null. */
  void learned(String what, Buffer value, Buffer gradient) {
    Contract.f32(operation, what, value, 1);
    if (gradient != null) {
      Contract.f32(operation, "d" + what, gradient, 1);
    }
  }

  /** The gradients of queries and keys. */
  void gradients(Buffer dq, Buffer dk, Buffer scale) {
    Contract.f32(operation, "scale", scale, 1);
    Contract.buffer(operation, "dq", dq, compute, Math.multiplyExact(q.rows(), q.cols()));
    Contract.buffer(operation, "dk", dk, compute, Math.multiplyExact(k.rows(), k.cols()));
  }

  /** The rules. */
  void negatives(Negatives negatives) {
    Negatives.Groups groups = negatives.groups();
    if (groups != null) {
      Contract.i32(operation, "queryGroups", groups.queries(), q.rows());
      Contract.i32(operation, "keyGroups", groups.keys(), k.rows());
    }
    Negatives.Guide guide = negatives.guide();
    if (guide != null) {
      long cols = guide.queries().cols();
      Contract.matrix(operation, "guideQueries", guide.queries(), compute, q.rows(), cols);
      Contract.matrix(operation, "guideKeys", guide.keys(), compute, k.rows(), cols);
    }
    Negatives.Exceptions exceptions = negatives.exceptions();
    if (exceptions != null) {
      Contract.i32(operation, "rowStart", exceptions.rowStart(), q.rows() + 1);
      Contract.buffer(operation, "column", exceptions.column(), DType.I32);
    }
  }
}
