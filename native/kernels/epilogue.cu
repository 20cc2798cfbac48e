// What follows a matrix product where cuBLASLt has no fused epilogue: odd widths, odd addresses.
// RESULT is the product's type.
#include "device.cuh"

// Launch of both: one dimension over the rows x cols elements, one a thread, so that narrow matrices fill
// their blocks too; any strides and alignment.

// c = 0: a product of no terms. Writes each element once.
extern "C" __global__ void clear_matrix(RESULT* c, i64 stride, i64 rows, i64 cols) {
  i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows * cols) {
    i64 row = i / cols;
    c[row * stride + i - row * cols] = from_float<RESULT>(0.0f);
  }
}

// x = product + bias (null: none), kept in before (null: not kept); c = x, or gelu(x) if it is kept (tanh form,
// Hendrycks and Gimpel 2016, arXiv:1606.08415). product and before are dense.
// grid: rows; any number of threads. Reads rows x cols floats, writes as many elements once or twice.
extern "C" __global__ void finish_product(RESULT* c, i64 stride, RESULT* before, const float* product, const RESULT* bias, i64 cols) {
  RESULT* out = c + blockIdx.x * stride;
  const i64 row = blockIdx.x * cols;
  for (i64 j = threadIdx.x; j < cols; j += blockDim.x) {
    float x = product[row + j] + (bias ? to_float(bias[j]) : 0.0f);
    if (before) {
      before[row + j] = from_float<RESULT>(x);
      x = 0.5f * x * (1.0f + tanhf(0.7978845608f * (x + 0.044715f * x * x * x)));
    }
    out[j] = from_float<RESULT>(x);
  }
}
