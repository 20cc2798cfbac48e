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

// x = product + bias (null: none), left in product's place; c = x, or gelu(x) (tanh form, Hendrycks and
// Gimpel 2016, arXiv:1606.08415). c and product may be the same. Reads and writes each element once, and
// writes it again for gelu.
extern "C" __global__ void finish_product(RESULT* c, i64 stride, RESULT* product, i64 product_stride,
                                          const RESULT* bias, i64 rows, i64 cols, int gelu) {
  i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= rows * cols) {
    return;
  }
  i64 row = i / cols;
  i64 j = i - row * cols;
  RESULT* at = product + row * product_stride + j;
  RESULT x = from_float<RESULT>(to_float(*at) + (bias == nullptr ? 0.0f : to_float(bias[j])));
  *at = x;
  if (gelu) {
    float v = to_float(x);
    float u = 0.7978845608028654f * fmaf(0.044715f * v, v * v, v);
    x = from_float<RESULT>(0.5f * v * (1.0f + tanhf(u)));
  }
  c[row * stride + j] = x;
}
