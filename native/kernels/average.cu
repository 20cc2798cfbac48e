// Exponential moving averages of weights.
#include "device.cuh"
#include "values.cuh"

constexpr int N = 4;

// average = decay average + (1 - decay) x; a gradient's scale of NaN leaves it as it is.
//
// One dimension, 256 threads x 4 values per block, any alignment. Moves 12 bytes per value.
extern "C" __global__ __launch_bounds__(256) void moving_average(
    float* __restrict__ average, const float* __restrict__ x, i64 n, float decay,
    const float* __restrict__ gradient_scale) {
  float scale = *gradient_scale;
  if (scale != scale) {
    return;
  }
  i64 i = first_value<N>();
  float values[N], fresh[N];
  load_values(values, average + i, n - i);
  load_values(fresh, x + i, n - i);
  for (int k = 0; k < N; k++) {
    values[k] = fmaf(decay, values[k], (1 - decay) * fresh[k]);
  }
  store_values(average + i, values, n - i);
}
