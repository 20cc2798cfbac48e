// Rows divided by their l2 norm, and the gradient.
#include "device.cuh"
#include "values.cuh"

constexpr float LEAST_NORM = 1e-12f;
constexpr float MOST_INVERSE = 1e12f;

// y = x / |x| for each row, and 1 / |x|, which is 1e12 for a norm below 1e-12.
//
// Grid rows, 32 to 256 threads, a multiple of 32; any alignment and strides. Reads x twice, the second
// time from cache, writes y.
extern "C" __global__ __launch_bounds__(256) void unit_rows(
    REAL* __restrict__ y, i64 y_stride, float* __restrict__ inverse_norms,
    const REAL* __restrict__ x, i64 x_stride, i64 cols) {
  const REAL* row = x + blockIdx.x * x_stride;
  REAL* result = y + blockIdx.x * y_stride;
  i64 first = threadIdx.x * SHARE;
  i64 step = blockDim.x * SHARE;
  float squares = 0;
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE];
    load_values(values, row + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      squares = fmaf(values[k], values[k], squares);
    }
  }
  float norm = sqrtf(block_sum(squares));
  float inverse = norm < LEAST_NORM ? MOST_INVERSE : 1.0f / norm;
  if (threadIdx.x == 0) {
    inverse_norms[blockIdx.x] = inverse;
  }
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE];
    load_values(values, row + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      values[k] *= inverse;
    }
    store_values(result + j, values, cols - j);
  }
}

// dx = (dy - y (y . dy)) / |x| for each row, or 1e12 dy where the norm was below 1e-12; with accumulate,
// dx is added to.
//
// Launch as unit_rows. Reads y and dy twice, the second time from cache, writes dx.
extern "C" __global__ __launch_bounds__(256) void unit_rows_backward(
    REAL* __restrict__ dx, i64 dx_stride, const REAL* __restrict__ dy, i64 dy_stride,
    const REAL* __restrict__ y, i64 y_stride, const float* __restrict__ inverse_norms, i64 cols,
    int accumulate) {
  const REAL* d_row = dy + blockIdx.x * dy_stride;
  const REAL* row = y + blockIdx.x * y_stride;
  REAL* result = dx + blockIdx.x * dx_stride;
  i64 first = threadIdx.x * SHARE;
  i64 step = blockDim.x * SHARE;
  float product = 0;
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE], d[SHARE];
    load_values(values, row + j, cols - j);
    load_values(d, d_row + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      product = fmaf(values[k], d[k], product);
    }
  }
  product = block_sum(product);
  float inverse = inverse_norms[blockIdx.x];
  float along = inverse == MOST_INVERSE ? 0.0f : product;
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE], d[SHARE], sum[SHARE] = {};
    load_values(values, row + j, cols - j);
    load_values(d, d_row + j, cols - j);
    if (accumulate) {
      load_values(sum, result + j, cols - j);
    }
    for (int k = 0; k < SHARE; k++) {
      sum[k] = fmaf(inverse, fmaf(-along, values[k], d[k]), sum[k]);
    }
    store_values(result + j, sum, cols - j);
  }
}
