package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Workspace;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.kernel.StreamedLosses;

/** The CPU's operations: which class does which. */
final class CpuKernels implements Kernels {

  private final CpuElementwise elementwise;
  private final CpuSampling sampling;
  private final CpuMatmul matmul;
  private final CpuRows rows;
  private final CpuNorm norm;
  private final CpuUnitRows unitRows;
  private final CpuActivation activation;
  private final CpuRotary rotary;
  private final CpuAttention attention;
  private final CpuPooling pooling;
  private final CpuCrossEntropy crossEntropy;
  private final CpuSquaredError squaredError;
  private final CpuReductions reductions;
  private final CpuOptimizers optimizers;
  private final StreamedLosses streamedLosses;

  CpuKernels(CpuPool pool, Workspace workspace) {
    elementwise = new CpuElementwise(pool);
    this.sampling = new CpuSampling(pool);
    matmul = new CpuMatmul(pool);
    rows = new CpuRows(pool);
    norm = new CpuNorm(pool);
    unitRows = new CpuUnitRows(pool);
    activation = new CpuActivation(pool);
    rotary = new CpuRotary(pool);
    attention = new CpuAttention(pool);
    pooling = new CpuPooling(pool);
    crossEntropy = new CpuCrossEntropy(pool);
    squaredError = new CpuSquaredError(pool);
    reductions = new CpuReductions(pool);
    optimizers = new CpuOptimizers(pool);
    streamedLosses = new StreamedLosses(this, new CpuLogitTiles(pool, workspace), DType.F32);
  }

  @Override
  public void fill(Buffer x, float value) {
    elementwise.fill(x, value);
  }

  @Override
  public void copy(Buffer y, Buffer x) {
    elementwise.copy(y, x);
  }

  @Override
  public void axpby(Buffer y, float a, Buffer x, float b) {
    elementwise.axpby(y, a, x, b);
  }

  @Override
  public void multiply(Buffer y, Buffer a, Buffer b, boolean accumulate) {
    elementwise.multiply(y, a, b, accumulate);
  }

  @Override
  public void clamp(Buffer x, float least, float most) {
    elementwise.clamp(x, least, most);
  }

  @Override
  public void copyRows(Matrix y, Matrix x, boolean accumulate) {
    rows.copyRows(y, x, accumulate);
  }

  @Override
  public void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    matmul.matmul(c, a, b, epilogue);
  }

  @Override
  public void addColumnSums(Buffer sum, Matrix x) {
    rows.addColumnSums(sum, x);
  }

  @Override
  public void gatherRows(Matrix y, Matrix table, Buffer index, boolean accumulate) {
    rows.gatherRows(y, table, index, accumulate);
  }

  @Override
  public void scatterAddRows(Matrix table, Matrix y, Buffer index) {
    rows.scatterAddRows(table, y, index);
  }

  @Override
  public void norm(
      Norm kind,
      Matrix y,
      Buffer statistics,
      Buffer sum,
      Matrix x,
      Buffer residual,
      Buffer gamma,
      Buffer beta) {
    norm.norm(kind, y, statistics, sum, x, residual, gamma, beta);
  }

  @Override
  public void normBackward(
      Norm kind,
      Matrix ds,
      Buffer dgamma,
      Buffer dbeta,
      Matrix dy,
      Matrix s,
      Buffer statistics,
      Buffer gamma,
      boolean accumulate) {
    norm.normBackward(kind, ds, dgamma, dbeta, dy, s, statistics, gamma, accumulate);
  }

  @Override
  public void normalizeRows(Matrix y, Buffer inverseNorms, Matrix x) {
    unitRows.normalizeRows(y, inverseNorms, x);
  }

  @Override
  public void normalizeRowsBackward(
      Matrix dx, Matrix dy, Matrix y, Buffer inverseNorms, boolean accumulate) {
    unitRows.normalizeRowsBackward(dx, dy, y, inverseNorms, accumulate);
  }

  @Override
  public void activate(Activation f, Buffer y, Buffer x) {
    activation.activate(f, y, x);
  }

  @Override
  public void activateBackward(Activation f, Buffer dx, Buffer dy, Buffer x) {
    activation.activateBackward(f, dx, dy, x);
  }

  @Override
  public void gated(Activation f, Matrix y, Matrix x) {
    activation.gated(f, y, x);
  }

  @Override
  public void gatedBackward(Activation f, Matrix dx, Matrix dy, Matrix x) {
    activation.gatedBackward(f, dx, dy, x);
  }

  @Override
  public void dropout(Dropout dropout, Buffer y, Buffer x, Buffer stepValues) {
    elementwise.dropout(dropout, y, x, stepValues);
  }

  @Override
  public void sampleRows(
      Buffer ids,
      Buffer replaced,
      Matrix logits,
      Buffer position,
      Buffer target,
      int stream,
      long first,
      Buffer stepValues) {
    sampling.sampleRows(ids, replaced, logits, position, target, stream, first, stepValues);
  }

  @Override
  public void rotary(Matrix x, int headSize, Buffer position, Buffer table, boolean inverse) {
    rotary.rotary(x, headSize, position, table, inverse);
  }

  @Override
  public void attention(
      Attention shape,
      Matrix out,
      Buffer logSumExp,
      Matrix q,
      Matrix k,
      Matrix v,
      Intervals intervals,
      AttentionOptions options) {
    attention.attention(shape, out, logSumExp, q, k, v, intervals, options);
  }

  @Override
  public void attentionBackward(
      Attention shape,
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
    attention.attentionBackward(
        shape, dq, dk, dv, dbias, dout, q, k, v, out, logSumExp, intervals, options);
  }

  @Override
  public void pool(Matrix y, Matrix x, Intervals intervals) {
    pooling.pool(y, x, intervals);
  }

  @Override
  public void poolBackward(Matrix dx, Matrix dy, Intervals intervals, boolean accumulate) {
    pooling.poolBackward(dx, dy, intervals, accumulate);
  }

  @Override
  public void crossEntropy(
      CrossEntropy options, Buffer loss, Matrix logits, Buffer target, Buffer scale) {
    crossEntropy.crossEntropy(options, loss, logits, target, scale);
  }

  @Override
  public void squaredError(
      Buffer loss, Matrix prediction, Matrix target, Buffer weight, Buffer scale) {
    squaredError.squaredError(loss, prediction, target, weight, scale);
  }

  @Override
  public void addSum(Buffer result, Buffer x, Buffer scale) {
    reductions.addSum(result, x, scale);
  }

  @Override
  public void contrast(
      Contrast options,
      Buffer loss,
      Buffer dq,
      Buffer dk,
      Buffer dlogScale,
      Matrix q,
      Matrix k,
      Buffer logScale,
      Negatives negatives,
      Buffer scale) {
    streamedLosses.contrast(options, loss, dq, dk, dlogScale, q, k, logScale, negatives, scale);
  }

  @Override
  public void pairwiseSigmoid(
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
      Buffer scale) {
    streamedLosses.pairwiseSigmoid(
        budget, loss, dq, dk, dlogScale, dbias, q, k, logScale, bias, negatives, scale);
  }

  @Override
  public void globalNorm(Buffer stepValues, Buffer gradient, float maxNorm) {
    optimizers.globalNorm(stepValues, gradient, maxNorm);
  }

  @Override
  public void adamW(
      AdamW options,
      Buffer weights,
      Buffer computeWeights,
      Buffer gradient,
      Buffer m,
      Buffer v,
      long decayed,
      Buffer stepValues) {
    optimizers.adamW(options, weights, computeWeights, gradient, m, v, decayed, stepValues);
  }

  @Override
  public void muonMomentum(
      Buffer update, Buffer m, Buffer gradient, float beta, Buffer stepValues) {
    optimizers.muonMomentum(update, m, gradient, beta, stepValues);
  }

  @Override
  public void normalize(Buffer y, Buffer x) {
    optimizers.normalize(y, x);
  }

  @Override
  public void muonUpdate(
      Buffer weights,
      Buffer computeWeights,
      Buffer update,
      float factor,
      float decay,
      Buffer stepValues) {
    optimizers.muonUpdate(weights, computeWeights, update, factor, decay, stepValues);
  }

  @Override
  public void average(Buffer average, Buffer x, float decay, Buffer stepValues) {
    optimizers.average(average, x, decay, stepValues);
  }

  @Override
  public void countNonFinite(Buffer count, Buffer x) {
    reductions.countNonFinite(count, x);
  }
}
