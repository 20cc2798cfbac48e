package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;

/** The operations of a CUDA device: which class does which. */
final class CudaKernels implements Kernels {

  private final CudaMatmul matmul;
  private final CudaAttention attention;

  CudaKernels(Launcher launcher, CudaMatmul matmul) {
    this.matmul = matmul;
    attention = new CudaAttention(launcher);
  }

  @Override
  public void fill(Buffer x, float value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(Buffer y, Buffer x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void axpby(Buffer y, float a, Buffer x, float b) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    matmul.matmul(c, a, b, epilogue);
  }

  @Override
  public void addColumnSums(Buffer sum, Matrix x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gatherRows(Matrix y, Matrix table, Buffer index, boolean accumulate) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void scatterAddRows(Matrix table, Matrix y, Buffer index) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void geluBackward(Buffer dx, Buffer dy, Buffer x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void swiglu(Matrix y, Matrix x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void swigluBackward(Matrix dx, Matrix dy, Matrix x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void rotary(Matrix x, int headSize, Buffer position, Buffer table, boolean inverse) {
    throw new UnsupportedOperationException();
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
  public void crossEntropy(
      CrossEntropy options, Buffer loss, Matrix logits, Buffer target, Buffer scale) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void addSum(Buffer result, Buffer x, Buffer scale) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void globalNorm(Buffer stepValues, Buffer gradient, float maxNorm) {
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  @Override
  public void muonMomentum(
      Buffer update, Buffer m, Buffer gradient, float beta, Buffer stepValues) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void normalize(Buffer y, Buffer x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void muonUpdate(
      Buffer weights,
      Buffer computeWeights,
      Buffer update,
      float factor,
      float decay,
      Buffer stepValues) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void countNonFinite(Buffer count, Buffer x) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void dropout(Dropout options, Buffer y, Buffer x, Buffer stepValues) {
    throw new UnsupportedOperationException();
  }
}
