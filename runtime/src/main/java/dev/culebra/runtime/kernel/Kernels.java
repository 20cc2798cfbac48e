package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * The wall between autograd and hardware: every operation a device must offer.
 *
 * <p>Conventions, for all operations:
 *
 * <ul>
 *   <li>Buffers are dense and row-major. N is a number of rows, C a width. Floating-point buffers
 *       have the device's compute type unless F32 is stated; I32 is stated.
 *   <li>Results do not overlap arguments unless "in place" is stated.
 *   <li>{@code accumulate} adds to the result instead of replacing it. Gradients of parameters are
 *       F32 and always added to.
 *   <li>Zero rows are allowed and do nothing.
 *   <li>Equal arguments give bit-equal results, whatever the number of threads.
 *   <li>Sizes are checked against the buffers before anything runs: an {@link
 *       IllegalArgumentException} names the operation.
 * </ul>
 */
public interface Kernels {

  // Memory

  /** x[i] = value. F32 or compute type. */
  void fill(Buffer x, float value);

  /**
   * y[i] = x[i], of equal lengths; x and y may be of different types if these are F32 and the
   * compute type: values are then rounded to the nearest, ties to even.
   */
  void copy(Buffer y, Buffer x);

  /**
   * y[i] = a x[i] + b y[i]; with b = 0, y is not read, and may be x. Both F32 or both of the
   * compute type.
   */
  void axpby(Buffer y, float a, Buffer x, float b);

  /** y[i] = a[i] b[i], or with {@code accumulate} y[i] += a[i] b[i]. In place: y may be a or b. */
  void multiply(Buffer y, Buffer a, Buffer b, boolean accumulate);

  /**
   * x[i] = min(max(x[i], least), most), in place; NaN stays NaN. F32 or compute type.
   *
   * @param least at most {@code most}; either may be infinite
   */
  void clamp(Buffer x, float least, float most);

  /**
   * y = x, or with {@code accumulate} y += x, for matrices of one size whose rows may lie apart: a
   * slice of columns is copied, or its gradient put back.
   */
  void copyRows(Matrix y, Matrix x, boolean accumulate);

  // Matrices

  /**
   * C = A B, then the epilogue, with every matrix as its {@link Matrix#transposed} flag says; C is
   * not transposed. C is m x n, A m x k, B k x n.
   */
  void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue);

  /**
   * Adds the sum of each column of x, N x C, to {@code sum}, F32 of length C: a bias's gradient.
   */
  void addColumnSums(Buffer sum, Matrix x);

  // Rows by index: embeddings, labelled rows

  /**
   * y[i] = table[index[i]] for rows of width C = {@code table.cols()}; index -1 gives a row of
   * zeros.
   *
   * @param y N x C
   * @param table T x C
   * @param index I32, N values in -1..T-1
   * @param accumulate whether rows are added to y
   */
  void gatherRows(Matrix y, Matrix table, Buffer index, boolean accumulate);

  /**
   * table[index[i]] += y[i], in the order of i; index -1 is skipped. The adjoint of {@link
   * #gatherRows}.
   *
   * @param table T x C; F32 when it is a parameter's gradient
   * @param y N x C
   * @param index I32, N values in -1..T-1
   */
  void scatterAddRows(Matrix table, Matrix y, Buffer index);

  // Normalisation

  /**
   * s = x + residual; y = normalise(s) * gamma + beta.
   *
   * @param y N x C
   * @param statistics F32, N x 2: mean (0 for {@link Norm.Kind#RMS}) and 1 / root of each row
   * @param sum s, N x C; null if {@code residual} is null
   * @param x N x C
   * @param residual N x C, or null for none
   * @param gamma C, or null for ones
   * @param beta C, or null for none
   */
  void norm(
      Norm norm,
      Matrix y,
      Buffer statistics,
      Buffer sum,
      Matrix x,
      Buffer residual,
      Buffer gamma,
      Buffer beta);

  /**
   * Gradients of {@link #norm} with respect to s, gamma and beta.
   *
   * @param ds N x C
   * @param dgamma F32, C, added to; null for none
   * @param dbeta F32, C, added to; null for none
   * @param dy N x C
   * @param s N x C, the normalised sum
   * @param statistics as the forward pass left them
   * @param gamma C, or null for ones
   * @param accumulate whether ds is added to
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
      boolean accumulate);

  /**
   * y_i = x_i / max(|x_i|, 1e-12) for each row, with its l2 norm |x_i|: directions, whose products
   * are cosines.
   *
   * @param y N x C
   * @param inverseNorms F32, N: 1 / max(|x_i|, 1e-12)
   * @param x N x C
   */
  void normalizeRows(Matrix y, Buffer inverseNorms, Matrix x);

  /**
   * Gradient of {@link #normalizeRows}: dx_i = (dy_i - y_i (y_i . dy_i)) / |x_i|, and 1e12 dy_i
   * where the norm was below 1e-12.
   *
   * @param dx N x C
   * @param dy N x C
   * @param y N x C, as forward left it
   * @param inverseNorms as forward left them
   * @param accumulate whether dx is added to
   */
  void normalizeRowsBackward(
      Matrix dx, Matrix dy, Matrix y, Buffer inverseNorms, boolean accumulate);

  // Activations

  /** y[i] = f(x[i]); {@link Activation} has the formulas. In place: y may be x. */
  void activate(Activation f, Buffer y, Buffer x);

  /** dx[i] = dy[i] f'(x[i]), x being what f was applied to. In place: dx may be dy or x. */
  void activateBackward(Activation f, Buffer dx, Buffer dy, Buffer x);

  /**
   * y = f(g) * u, for x = [g u] by columns (Shazeer 2020, arXiv:2002.05202): with {@link
   * Activation#SILU} SwiGLU, with one of the GELUs GeGLU.
   *
   * @param f a curve that {@link Activation#gates}
   * @param y N x C
   * @param x N x 2C
   */
  void gated(Activation f, Matrix y, Matrix x);

  /** Gradient of {@link #gated} with respect to x; dx N x 2C, dy N x C. */
  void gatedBackward(Activation f, Matrix dx, Matrix dy, Matrix x);

  /**
   * y[i] = x[i] / (1 - rate) for the values that {@link Dropout#keeps} keeps, else 0. The same call
   * on the gradient of y gives that of x. In place: y may be x.
   *
   * @param y of x's length
   * @param stepValues holds the seed, {@link StepValues#SEED}
   */
  void dropout(Dropout dropout, Buffer y, Buffer x, Buffer stepValues);

  /**
   * Draws a class from the softmax of each row of logits and puts it in its place, without a
   * gradient: for each row i with p = position[i], not -1, ids[p] = argmax_j logits[i, j] + g[i, j]
   * with the noise of {@link Gumbel}, and replaced[p] = 1, or 0 if that is target[i]. Of equal sums
   * the first; 0 where no logit is above -infinity. ELECTRA's generator fills its masks so (Clark
   * et al. 2020, arXiv:2003.10555).
   *
   * @param ids I32, M
   * @param replaced I32, M
   * @param logits N x V
   * @param position I32, N: from -1 to M - 1, none but -1 twice
   * @param target I32, N
   * @param stream tells the users of random bits within a step apart
   * @param first number of the first row, so that rows may come by chunks
   * @param stepValues holds the seed, {@link StepValues#SEED}
   */
  void sampleRows(
      Buffer ids,
      Buffer replaced,
      Matrix logits,
      Buffer position,
      Buffer target,
      int stream,
      long first,
      Buffer stepValues);

  // Attention

  /**
   * Turns pairs (x[j], x[j + D/2]) of each head of D values by the angle position * base^(-2j/D),
   * in place (Su et al. 2021, arXiv:2104.09864; the half-split layout of Llama's published
   * weights).
   *
   * @param x N x (heads * D); its rows may be part of wider ones
   * @param headSize D, even
   * @param position I32, N
   * @param table F32, P x D/2 x 2: cosine and sine of every position and pair
   * @param inverse turns back: the gradient
   */
  void rotary(Matrix x, int headSize, Buffer position, Buffer table, boolean inverse);

  /**
   * out = softmax(scale q k^T) v, head by head, over the keys of each query's interval; a query
   * that sees nothing gives zeros. Nothing of size queries x keys is stored (Dao et al. 2022,
   * arXiv:2205.14135).
   *
   * <p>With a {@link RelativeBias}, the bias of row i and key j is added to their scaled score.
   * With dropout, each probability p[h, i, j] that the softmax gives is replaced by 0 or p / (1 -
   * rate), as {@link Dropout#keeps} says of the index (h queries + i) 2^32 + j.
   *
   * <p>What a query does not see adds nothing to it, as long as it is finite: an infinite or NaN
   * value may make its neighbours' results NaN too.
   *
   * @param out queries x (heads * headSize)
   * @param logSumExp F32, heads x queries: of the scaled and biased scores; +infinity for an empty
   *     row
   * @param q queries x (heads * headSize)
   * @param k keys x (kvHeads * headSize)
   * @param v keys x (kvHeads * headSize)
   * @param options {@link AttentionOptions#NONE} for neither bias nor dropout
   */
  void attention(
      Attention attention,
      Matrix out,
      Buffer logSumExp,
      Matrix q,
      Matrix k,
      Matrix v,
      Intervals intervals,
      AttentionOptions options);

  /**
   * Gradients of {@link #attention} with respect to q, k, v and the bias, from dout and what
   * forward left; options and the step's seed are those of forward.
   *
   * @param dbias F32, heads x (2 radius + 1), added to; null for none
   */
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
      AttentionOptions options);

  // Pooling

  /**
   * y_i = the mean of the rows start_i to end_i of x, the latter excluded; zeros where there are
   * none.
   *
   * @param y N x C
   * @param x M x C
   * @param intervals N of them over the rows of x, both ends non-decreasing; they may overlap and
   *     leave rows out
   */
  void pool(Matrix y, Matrix x, Intervals intervals);

  /**
   * Gradient of {@link #pool} with respect to x: dx_r = the sum of dy_i / (end_i - start_i) over
   * the intervals that hold row r, in the order of i; zeros for a row that none holds.
   *
   * @param dx M x C
   * @param dy N x C
   * @param accumulate whether dx is added to
   */
  void poolBackward(Matrix dx, Matrix dy, Intervals intervals, boolean accumulate);

  // Losses

  /**
   * The cross entropy of each row, and its gradient in place of the logits.
   *
   * @param loss F32, N: unscaled; 0 where the target is {@link CrossEntropy#IGNORE}
   * @param logits N x V; becomes scale * d loss / d logits, or stays as it is if {@code scale} is
   *     null
   * @param target I32, N values in 0..V-1 or {@link CrossEntropy#IGNORE}
   * @param scale F32, one value: what gradients are multiplied by; null for no gradient
   */
  void crossEntropy(CrossEntropy options, Buffer loss, Matrix logits, Buffer target, Buffer scale);

  /**
   * The mean squared error of each row, loss_i = w_i mean_j (p_ij - t_ij)^2, and its gradient in
   * place of the prediction p.
   *
   * @param loss F32, N: unscaled
   * @param prediction N x C; becomes scale * d loss / d p = scale 2 w_i (p_ij - t_ij) / C, or stays
   *     as it is if {@code scale} is null
   * @param target t, N x C
   * @param weight w, F32, N; null for ones
   * @param scale F32, one value: what gradients are multiplied by; null for no gradient
   */
  void squaredError(Buffer loss, Matrix prediction, Matrix target, Buffer weight, Buffer scale);

  /** result[0] += scale[0] * sum of x, in a fixed order; all F32. {@code scale} null means 1. */
  void addSum(Buffer result, Buffer x, Buffer scale);

  /**
   * The contrastive loss of queries and keys (InfoNCE; van den Oord et al. 2018, arXiv:1807.03748).
   * With logits z_ij = exp(t') q_i k_j, key i < N is the positive of query i, and
   *
   * <pre>
   *   forward_i  = log sum over j < M of exp z_ij  -  z_ii
   *   backward_i = log sum over j < N of exp z_ji  -  z_ii
   *   loss_i     = forward_i, or (forward_i + backward_i) / 2 if symmetric
   * </pre>
   *
   * <p>so keys N..M-1 are hard negatives of all queries, and a pair that {@code negatives} masks is
   * left out of the sums. The sum over the rows is N times the usual mean.
   *
   * <p>Logits, their log-sum-exp and all sums are F32. Nothing of size N x M is stored, but one
   * tile of logits of at most {@link Contrast#budget} bytes, a second one of guide similarities if
   * there is a guide, and, unless the compute type is F32, a third one of gradients and M x D sums.
   * The cost is 2 N M D flops without gradient and 8 with one (6 if the tile holds all logits), and
   * for compute types of e bytes about N M (20 + 3 e) bytes that go through tiles.
   *
   * @param loss F32, N
   * @param dq N x D: scale d sum(loss) / d q; this and the next two count only with {@code scale}
   * @param dk M x D: scale d sum(loss) / d k
   * @param dlogScale F32, one value, added to: scale d sum(loss) / d t'; null for none
   * @param q N x D
   * @param k M x D, M at least N
   * @param logScale t': F32, one value
   * @param negatives {@link Negatives#ALL} for no rule
   * @param scale F32, one value: what gradients are multiplied by; null for no gradient
   */
  void contrast(
      Contrast options,
      Buffer loss,
      Buffer dq,
      Buffer dk,
      Buffer dlogScale,
      Matrix q,
      Matrix k,
      Buffer logScale,
      Negatives negatives,
      Buffer scale);

  /**
   * The sigmoid loss of queries and keys (Zhai et al. 2023, arXiv:2303.15343): with logits z_ij =
   * exp(t') q_i k_j + b, and y = 1 for a query and its key, -1 for all other pairs,
   *
   * <pre>  loss_i = -sum over j < M of log sigmoid(y_ij z_ij)</pre>
   *
   * <p>A pair that {@code negatives} masks is left out; the guide is asked with the query's
   * positive. The loss of a batch is the sum over the rows, divided by N. Logits are treated as in
   * {@link #contrast}: with gradient, 6 N M D flops, without, 2 N M D.
   *
   * @param budget bytes of float32 logits that may exist at once, usually {@link Contrast#BUDGET}
   * @param loss F32, N
   * @param dq N x D: scale d sum(loss) / d q; this and the next three count only with {@code scale}
   * @param dk M x D: scale d sum(loss) / d k
   * @param dlogScale F32, one value, added to: scale d sum(loss) / d t'; null for none
   * @param dbias F32, one value, added to: scale d sum(loss) / d b; null for none
   * @param q N x D
   * @param k M x D, M at least N; keys N..M-1 are negatives of all queries
   * @param logScale t': F32, one value
   * @param bias b: F32, one value
   * @param negatives {@link Negatives#ALL} for no rule
   * @param scale F32, one value: what gradients are multiplied by; null for no gradient
   */
  void pairwiseSigmoid(
      long budget,
      Buffer loss,
      Buffer dq,
      Buffer dk,
      Buffer dlogScale,
      Buffer dbias,
      Matrix q,
      Matrix k,
      Buffer logScale,
      Buffer bias,
      Negatives negatives,
      Buffer scale);

  // Optimisers

  /**
   * Writes the l2 norm of the gradient and min(1, maxNorm / (norm + 1e-6)) to {@link
   * StepValues#GRADIENT_NORM} and {@link StepValues#GRADIENT_SCALE}; the latter is NaN if the norm
   * is not finite.
   *
   * @param gradient F32
   * @param maxNorm positive; +infinity for no clipping
   */
  void globalNorm(Buffer stepValues, Buffer gradient, float maxNorm);

  /**
   * One step of AdamW over a run of parameters; nothing changes if {@link
   * StepValues#GRADIENT_SCALE} is NaN. With g the scaled gradient, c1 and c2 the bias corrections
   * and r the learning rate:
   *
   * <pre>
   *   w -= r d w                       for the first {@code decayed} elements
   *   m  = b1 m + (1 - b1) g
   *   v  = b2 v + (1 - b2) g^2
   *   w -= r (m / c1) / (sqrt(v / c2) + epsilon)
   * </pre>
   *
   * @param weights F32 master weights
   * @param computeWeights copy of the weights in the compute type, or null where that is F32
   * @param gradient F32
   * @param m F32
   * @param v F32
   * @param decayed how many of the elements, from the first on, decay
   */
  void adamW(
      AdamW options,
      Buffer weights,
      Buffer computeWeights,
      Buffer gradient,
      Buffer m,
      Buffer v,
      long decayed,
      Buffer stepValues);

  /**
   * Muon's momentum (Jordan et al. 2024): m = beta m + (1 - beta) g; update = (1 - beta) g + beta
   * m, both with g the scaled gradient. Nothing changes if {@link StepValues#GRADIENT_SCALE} is
   * NaN. All F32.
   */
  void muonMomentum(Buffer update, Buffer m, Buffer gradient, float beta, Buffer stepValues);

  /** y = x / (l2 norm of x + 1e-7), F32. In place: y may be x. */
  void normalize(Buffer y, Buffer x);

  /**
   * w = w (1 - r decay) - r factor update, with r the learning rate; nothing changes if {@link
   * StepValues#GRADIENT_SCALE} is NaN.
   *
   * @param weights F32 master weights
   * @param computeWeights copy in the compute type, or null where that is F32
   * @param update F32
   */
  void muonUpdate(
      Buffer weights,
      Buffer computeWeights,
      Buffer update,
      float factor,
      float decay,
      Buffer stepValues);

  /**
   * An exponential moving average of weights, average = decay average + (1 - decay) x; nothing
   * changes if {@link StepValues#GRADIENT_SCALE} is NaN. All F32.
   *
   * @param decay in [0, 1]
   */
  void average(Buffer average, Buffer x, float decay, Buffer stepValues);

  // Checks

  /**
   * count[0] += number of elements of x that are infinite or NaN; count is F32, x is F32 or of the
   * compute type.
   */
  void countNonFinite(Buffer count, Buffer x);
}
