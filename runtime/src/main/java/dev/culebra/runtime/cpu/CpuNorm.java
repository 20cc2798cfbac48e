package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Layer and RMS normalisation. The variance is the mean of squared differences from the mean, in a
 * second pass over the row while it is in the cache.
 */
final class CpuNorm {

  private final CpuPool pool;

  /** What a norm without gamma multiplies by, as long as the widest row so far. */
  private MemorySegment ones = Arena.ofAuto().allocate(0);

  CpuNorm(CpuPool pool) {
    this.pool = pool;
  }

  void norm(
      Norm norm,
      Matrix y,
      Buffer statistics,
      Buffer sum,
      Matrix x,
      Buffer residual,
      Buffer gamma,
      Buffer beta) {
    long rows = x.rows();
    int cols = Math.toIntExact(x.cols());
    MemorySegment target = Contract.f32("norm", "y", y, rows, cols);
    MemorySegment stats = Contract.f32("norm", "statistics", statistics, 2 * rows);
    MemorySegment input = Contract.f32("norm", "x", x);
    MemorySegment factor = gamma == null ? ones(cols) : Contract.f32("norm", "gamma", gamma, cols);
    MemorySegment shift = beta == null ? null : Contract.f32("norm", "beta", beta, cols);
    if ((residual == null) != (sum == null)) {
      throw Contract.wrong("norm", "residual and sum belong together: give both or none");
    }
    MemorySegment added =
        residual == null ? null : Contract.f32("norm", "residual", residual, rows * cols);
    MemorySegment s = residual == null ? input : Contract.f32("norm", "sum", sum, rows * cols);
    long stride = residual == null ? x.stride() : cols;
    if (cols == 0) {
      return;
    }
    pool.rows(
        rows,
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long row = i * stride;
            float sumOfRow =
                added == null
                    ? sum(s, row, cols)
                    : add(s, row, input, i * x.stride(), added, row, cols);
            float mean = norm.kind() == Norm.Kind.LAYER ? sumOfRow / cols : 0;
            float square = squares(s, row, mean, cols) / cols;
            float scale = (float) (1 / Math.sqrt((double) square + norm.epsilon()));
            Floats.set(stats, 2 * i, mean);
            Floats.set(stats, 2 * i + 1, scale);
            if (shift == null) {
              apply(target, i * y.stride(), s, row, mean, scale, factor, cols);
            } else {
              apply(target, i * y.stride(), s, row, mean, scale, factor, shift, cols);
            }
          }
        });
  }

  /**
   * With g = dy gamma and h = (s - mean) / root, per row: ds = (g - mean(g) - h mean(g h)) / root,
   * without the term mean(g) for RMS; dgamma = column sums of dy h, dbeta of dy.
   */
  void normBackward(
      Norm norm,
      Matrix ds,
      Buffer dgamma,
      Buffer dbeta,
      Matrix dy,
      Matrix s,
      Buffer statistics,
      Buffer gamma,
      boolean accumulate) {
    long rows = s.rows();
    int cols = Math.toIntExact(s.cols());
    MemorySegment target = Contract.f32("normBackward", "ds", ds, rows, cols);
    MemorySegment gammaSum =
        dgamma == null ? null : Contract.f32("normBackward", "dgamma", dgamma, cols);
    MemorySegment betaSum =
        dbeta == null ? null : Contract.f32("normBackward", "dbeta", dbeta, cols);
    MemorySegment upper = Contract.f32("normBackward", "dy", dy, rows, cols);
    MemorySegment input = Contract.f32("normBackward", "s", s);
    MemorySegment stats = Contract.f32("normBackward", "statistics", statistics, 2 * rows);
    MemorySegment factor =
        gamma == null ? ones(cols) : Contract.f32("normBackward", "gamma", gamma, cols);
    if (cols == 0) {
      return;
    }
    boolean centred = norm.kind() == Norm.Kind.LAYER;
    long blockRows = Grain.blockRows(rows);
    long blocks = Math.ceilDiv(rows, blockRows);
    MemorySegment partials = pool.scratch(0, blocks * 2 * cols * Float.BYTES);
    pool.rows(
        rows,
        blockRows,
        (from, to, thread) -> {
          long partial = from / blockRows * 2 * cols;
          partials.asSlice(partial * Float.BYTES, 2L * cols * Float.BYTES).fill((byte) 0);
          for (long i = from; i < to; i++) {
            backward(
                target,
                i * ds.stride(),
                partials,
                partial,
                upper,
                i * dy.stride(),
                input,
                i * s.stride(),
                Floats.get(stats, 2 * i),
                Floats.get(stats, 2 * i + 1),
                factor,
                cols,
                centred,
                accumulate);
          }
        });
    if (gammaSum != null) {
      CpuRows.addPartials(gammaSum, partials, 0, 2L * cols, blocks, cols);
    }
    if (betaSum != null) {
      CpuRows.addPartials(betaSum, partials, cols, 2L * cols, blocks, cols);
    }
  }

  private MemorySegment ones(int cols) {
    if (ones.byteSize() < (long) cols * Float.BYTES) {
      ones = Arena.ofAuto().allocate((long) cols * Float.BYTES, 64);
      for (int j = 0; j < cols; j++) {
        Floats.set(ones, j, 1);
      }
    }
    return ones;
  }

  // Inner loops, over one row

  // Sums run in four chains, because a vector's addition takes four cycles.

  /** y = a + b; returns the sum of y. */
  private static float add(
      MemorySegment y, long yAt, MemorySegment a, long aAt, MemorySegment b, long bAt, int cols) {
    FloatVector s0 = Floats.zero();
    FloatVector s1 = Floats.zero();
    FloatVector s2 = Floats.zero();
    FloatVector s3 = Floats.zero();
    int j = 0;
    for (; j <= cols - 4L * LANES; j += 4L * LANES) {
      FloatVector v0 = load(a, aAt + j).add(load(b, bAt + j));
      FloatVector v1 = load(a, aAt + j + LANES).add(load(b, bAt + j + LANES));
      FloatVector v2 = load(a, aAt + j + 2L * LANES).add(load(b, bAt + j + 2L * LANES));
      FloatVector v3 = load(a, aAt + j + 3L * LANES).add(load(b, bAt + j + 3L * LANES));
      store(v0, y, yAt + j);
      store(v1, y, yAt + j + LANES);
      store(v2, y, yAt + j + 2L * LANES);
      store(v3, y, yAt + j + 3L * LANES);
      s0 = s0.add(v0);
      s1 = s1.add(v1);
      s2 = s2.add(v2);
      s3 = s3.add(v3);
    }
    for (; j < cols; j += LANES) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector v = load(a, aAt + j, mask).add(load(b, bAt + j, mask));
      store(v, y, yAt + j, mask);
      s0 = s0.add(v);
    }
    return Floats.sum(s0.add(s1).add(s2.add(s3)));
  }

  private static float sum(MemorySegment x, long at, int cols) {
    FloatVector s0 = Floats.zero();
    FloatVector s1 = Floats.zero();
    FloatVector s2 = Floats.zero();
    FloatVector s3 = Floats.zero();
    int j = 0;
    for (; j <= cols - 4L * LANES; j += 4L * LANES) {
      s0 = s0.add(load(x, at + j));
      s1 = s1.add(load(x, at + j + LANES));
      s2 = s2.add(load(x, at + j + 2L * LANES));
      s3 = s3.add(load(x, at + j + 3L * LANES));
    }
    for (; j < cols; j += LANES) {
      s0 = s0.add(load(x, at + j, tail(j, cols)));
    }
    return Floats.sum(s0.add(s1).add(s2.add(s3)));
  }

  /** The sum of (x - mean)^2. */
  static float squares(MemorySegment x, long at, float mean, int cols) {
    FloatVector centre = Floats.broadcast(mean);
    FloatVector s0 = Floats.zero();
    FloatVector s1 = Floats.zero();
    FloatVector s2 = Floats.zero();
    FloatVector s3 = Floats.zero();
    int j = 0;
    for (; j <= cols - 4L * LANES; j += 4L * LANES) {
      FloatVector d0 = load(x, at + j).sub(centre);
      FloatVector d1 = load(x, at + j + LANES).sub(centre);
      FloatVector d2 = load(x, at + j + 2L * LANES).sub(centre);
      FloatVector d3 = load(x, at + j + 3L * LANES).sub(centre);
      s0 = d0.fma(d0, s0);
      s1 = d1.fma(d1, s1);
      s2 = d2.fma(d2, s2);
      s3 = d3.fma(d3, s3);
    }
    for (; j < cols; j += LANES) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector d = load(x, at + j, mask).sub(centre, mask);
      s0 = d.fma(d, s0);
    }
    return Floats.sum(s0.add(s1).add(s2.add(s3)));
  }

  private static void apply(
      MemorySegment y,
      long yAt,
      MemorySegment x,
      long xAt,
      float mean,
      float scale,
      MemorySegment gamma,
      int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(x, xAt + j).sub(mean).mul(scale).mul(load(gamma, j)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector h = load(x, xAt + j, mask).sub(mean).mul(scale);
      store(h.mul(load(gamma, j, mask)), y, yAt + j, mask);
    }
  }

  private static void apply(
      MemorySegment y,
      long yAt,
      MemorySegment x,
      long xAt,
      float mean,
      float scale,
      MemorySegment gamma,
      MemorySegment beta,
      int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector h = load(x, xAt + j).sub(mean).mul(scale);
      store(h.fma(load(gamma, j), load(beta, j)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector h = load(x, xAt + j, mask).sub(mean).mul(scale);
      store(h.fma(load(gamma, j, mask), load(beta, j, mask)), y, yAt + j, mask);
    }
  }

  /** {@code sums}: cols partial sums of dgamma, then cols of dbeta. */
  private static void backward(
      MemorySegment ds,
      long dsAt,
      MemorySegment sums,
      long sumsAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment s,
      long sAt,
      float mean,
      float scale,
      MemorySegment gamma,
      int cols,
      boolean centred,
      boolean accumulate) {
    FloatVector g = Floats.zero();
    FloatVector gh = Floats.zero();
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector d = load(dy, dyAt + j);
      FloatVector h = load(s, sAt + j).sub(mean).mul(scale);
      FloatVector product = d.mul(load(gamma, j));
      g = g.add(product);
      gh = product.fma(h, gh);
      store(d.fma(h, load(sums, sumsAt + j)), sums, sumsAt + j);
      store(d.add(load(sums, sumsAt + cols + j)), sums, sumsAt + cols + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector d = load(dy, dyAt + j, mask);
      FloatVector h = load(s, sAt + j, mask).sub(mean).mul(scale);
      FloatVector product = d.mul(load(gamma, j, mask));
      g = g.add(product);
      gh = product.fma(h, gh);
      store(d.fma(h, load(sums, sumsAt + j, mask)), sums, sumsAt + j, mask);
      store(d.add(load(sums, sumsAt + cols + j, mask)), sums, sumsAt + cols + j, mask);
    }
    float meanG = centred ? Floats.sum(g) / cols : 0;
    float meanGh = Floats.sum(gh) / cols;
    if (accumulate) {
      addGradient(ds, dsAt, dy, dyAt, s, sAt, mean, scale, gamma, cols, meanG, meanGh);
    } else {
      storeGradient(ds, dsAt, dy, dyAt, s, sAt, mean, scale, gamma, cols, meanG, meanGh);
    }
  }

  private static void storeGradient(
      MemorySegment ds,
      long dsAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment s,
      long sAt,
      float mean,
      float scale,
      MemorySegment gamma,
      int cols,
      float meanG,
      float meanGh) {
    FloatVector factor = Floats.broadcast(-meanGh);
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector h = load(s, sAt + j).sub(mean).mul(scale);
      FloatVector g = load(dy, dyAt + j).mul(load(gamma, j)).sub(meanG);
      store(h.fma(factor, g).mul(scale), ds, dsAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector h = load(s, sAt + j, mask).sub(mean).mul(scale);
      FloatVector g = load(dy, dyAt + j, mask).mul(load(gamma, j, mask)).sub(meanG);
      store(h.fma(factor, g).mul(scale), ds, dsAt + j, mask);
    }
  }

  private static void addGradient(
      MemorySegment ds,
      long dsAt,
      MemorySegment dy,
      long dyAt,
      MemorySegment s,
      long sAt,
      float mean,
      float scale,
      MemorySegment gamma,
      int cols,
      float meanG,
      float meanGh) {
    FloatVector factor = Floats.broadcast(-meanGh);
    FloatVector root = Floats.broadcast(scale);
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      FloatVector h = load(s, sAt + j).sub(mean).mul(scale);
      FloatVector g = load(dy, dyAt + j).mul(load(gamma, j)).sub(meanG);
      store(h.fma(factor, g).fma(root, load(ds, dsAt + j)), ds, dsAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      FloatVector h = load(s, sAt + j, mask).sub(mean).mul(scale);
      FloatVector g = load(dy, dyAt + j, mask).mul(load(gamma, j, mask)).sub(meanG);
      store(h.fma(factor, g).fma(root, load(ds, dsAt + j, mask)), ds, dsAt + j, mask);
    }
  }
}
