// The mean squared error of rows, and its gradient in place of the prediction.
#include "device.cuh"
#include "values.cuh"

// loss[i] = weight[i] mean_j (p[i][j] - t[i][j])^2, and with `scale` p = scale[0] d loss / d p; weight
// (null: ones) and scale may be null.
//
// Grid rows, 32 to 256 threads, a multiple of 32; any alignment and strides. Reads both once, and again
// from cache for the gradient, which is written once.
extern "C" __global__ __launch_bounds__(256) void squared_error(
    float* __restrict__ loss, REAL* p, i64 p_stride, const REAL* __restrict__ t, i64 t_stride,
    const float* __restrict__ weight, const float* __restrict__ scale, i64 cols) {
  REAL* row = p + blockIdx.x * p_stride;
  const REAL* wanted = t + blockIdx.x * t_stride;
  i64 first = threadIdx.x * SHARE;
  i64 step = blockDim.x * SHARE;
  float squares = 0;
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE], target[SHARE];
    load_values(values, row + j, cols - j);
    load_values(target, wanted + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      float d = values[k] - target[k];
      squares = fmaf(d, d, squares);
    }
  }
  squares = block_sum(squares);
  float share = (weight == nullptr ? 1.0f : weight[blockIdx.x]) / (cols > 0 ? cols : 1);
  if (threadIdx.x == 0) {
    loss[blockIdx.x] = share * squares;
  }
  if (scale == nullptr) {
    return;
  }
  float factor = 2 * *scale * share;
  for (i64 j = first; j < cols; j += step) {
    float values[SHARE], target[SHARE];
    load_values(values, row + j, cols - j);
    load_values(target, wanted + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      values[k] = factor * (values[k] - target[k]);
    }
    store_values(row + j, values, cols - j);
  }
}
