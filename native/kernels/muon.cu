// The elementwise parts of Muon (Jordan et al. 2024), and scaling to norm 1.
#include "device.cuh"
#include "values.cuh"

// Launch of all: one dimension, 256 threads x 4 values per block, any alignment.
constexpr int N = 4;

// m = beta m + (1 - beta) g; update = (1 - beta) g + beta m, for g = gradient_scale gradient; a scale
// of NaN leaves everything as it is. 16 bytes per value.
extern "C" __global__ __launch_bounds__(256) void muon_momentum(
    float* __restrict__ update, float* __restrict__ m, const float* __restrict__ gradient, i64 n,
    float beta, const float* __restrict__ gradient_scale) {
  float scale = *gradient_scale;
  if (scale != scale) {
    return;
  }
  i64 i = first_value<N>();
  float momentum[N], g[N];
  load_values(momentum, m + i, n - i);
  load_values(g, gradient + i, n - i);
  for (int k = 0; k < N; k++) {
    float fresh = (1 - beta) * (scale * g[k]);
    momentum[k] = fmaf(beta, momentum[k], fresh);
    g[k] = fmaf(beta, momentum[k], fresh);
  }
  store_values(m + i, momentum, n - i);
  store_values(update + i, g, n - i);
}

// w = w (1 - r decay) - r factor update, for the learning rate r; compute_weights, a rounded copy, may
// be null; a gradient_scale of NaN leaves everything as it is. 12 bytes per weight, and 2 for bf16.
extern "C" __global__ __launch_bounds__(256) void muon_update(
    float* __restrict__ weights, REAL* __restrict__ compute_weights,
    const float* __restrict__ update, i64 n, float factor, float decay,
    const float* __restrict__ learning_rate, const float* __restrict__ gradient_scale) {
  float scale = *gradient_scale;
  if (scale != scale) {
    return;
  }
  i64 i = first_value<N>();
  float w[N], u[N];
  load_values(w, weights + i, n - i);
  load_values(u, update + i, n - i);
  float rate = *learning_rate;
  float kept = fmaf(-rate, decay, 1.0f);
  for (int k = 0; k < N; k++) {
    w[k] = fmaf(-rate * factor, u[k], w[k] * kept);
  }
  store_values(weights + i, w, n - i);
  if (compute_weights != nullptr) {
    store_values(compute_weights + i, w, n - i);
  }
}

// y = x / (norm[0] + 1e-7); y may be x. 8 bytes per value.
extern "C" __global__ __launch_bounds__(256) void divide_by_norm(
    float* y, const float* x, i64 n, const float* norm) {
  i64 i = first_value<N>();
  float values[N];
  load_values(values, x + i, n - i);
  float by = *norm + 1e-7f;
  for (int k = 0; k < N; k++) {
    values[k] /= by;
  }
  store_values(y + i, values, n - i);
}
