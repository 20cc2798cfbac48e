// What follows a matrix product where cuBLASLt has no fused epilogue: odd widths, odd addresses.
// RESULT is the product's type.
#include "device.cuh"

// Rows of c become 0: a product of no terms.
// grid: rows; any number of threads. Writes rows x cols elements.
extern "C" __global__ void clear_matrix(RESULT* c, i64 stride, i64 cols) {
  RESULT* row = c + blockIdx.x * stride;
  for (i64 j = threadIdx.x; j < cols; j += blockDim.x) row[j] = from_float<RESULT>(0.0f);
}

// x = product + bias (null: none), left in product's place; c = x, or gelu(x) (tanh form,
// Hendrycks and Gimpel 2016, arXiv:1606.08415). c and product may be the same.
// grid: rows; any number of threads. Reads and writes rows x cols elements, writes them again for gelu.
extern "C" __global__ void finish_product(RESULT* c, i64 stride, RESULT* product, i64 product_stride, const RESULT* bias, i64 cols, int gelu) {
  RESULT* out = c + blockIdx.x * stride;
  RESULT* row = product + blockIdx.x * product_stride;
  for (i64 j = threadIdx.x; j < cols; j += blockDim.x) {
    RESULT x = from_float<RESULT>(to_float(row[j]) + (bias ? to_float(bias[j]) : 0.0f));
    row[j] = x;
    float v = to_float(x);
    if (gelu) v = 0.5f * v * (1.0f + tanhf(0.7978845608f * (v + 0.044715f * v * v * v)));
    out[j] = from_float<RESULT>(v);
  }
}
