package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
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

/** The operations of a CUDA device: which class does which. */
final class CudaKernels implements Kernels {

  private final CudaElementwise elementwise;
  private final CudaSampling sampling;
  private final CudaMatmul matmul;
  private final CudaRows rows;
  private final CudaNorm norm;
  private final CudaUnitRows unitRows;
  private final CudaActivation activation;
  private final CudaRotary rotary;
  private final CudaAttention attention;
  private final CudaPooling pooling;
  private final CudaCrossEntropy crossEntropy;
  private final CudaSquaredError squaredError;
  private final CudaReductions reductions;
  private final CudaOptimizers optimizers;
  private final StreamedLosses streamedLosses;

  CudaKernels(Launcher launcher, CudaMatmul matmul) {
    elementwise = new CudaElementwise(launcher);
    this.sampling = new CudaSampling(launcher);
    this.matmul = matmul;
    rows = new CudaRows(launcher);
    norm = new CudaNorm(launcher);
    unitRows = new CudaUnitRows(launcher);
    activation = new CudaActivation(launcher);
    rotary = new CudaRotary(launcher);
    attention = new CudaAttention(launcher);
    pooling = new CudaPooling(launcher);
    crossEntropy = new CudaCrossEntropy(launcher);
    squaredError = new CudaSquaredError(launcher);
    reductions = new CudaReductions(launcher);
    optimizers = new CudaOptimizers(launcher);
    streamedLosses = new StreamedLosses(this, new CudaLogitTiles(launcher), launcher.computeType());
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
