// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) over a run of parameters, in one launch.
#include "device.cuh"
#include "values.cuh"

constexpr int N = 4;

// The first `decayed` weights decay. `values` are the step's: of them the learning rate, the two bias
// corrections and the gradient's scale are read, at the places that their indices name; a scale of NaN
// leaves everything as it is. compute_weights, a rounded copy, may be null.
//
// One dimension, 256 threads x 4 values per block, any alignment. Reads 16 bytes per weight and writes
// 12, and 2 for the copy in bf16.
extern "C" __global__ __launch_bounds__(256) void adamw(
    float* __restrict__ weights, REAL* __restrict__ compute_weights,
    const float* __restrict__ gradient, float* __restrict__ m, float* __restrict__ v, i64 n,
    i64 decayed, const float* __restrict__ learning_rate, const float* __restrict__ correction1,
    const float* __restrict__ correction2, const float* __restrict__ gradient_scale, float beta1,
    float beta2, float epsilon, float weight_decay) {
  float scale = *gradient_scale;
  if (scale != scale) {
    return;
  }
  i64 i = first_value<N>();
  float w[N], g[N], first[N], second[N];
  load_values(w, weights + i, n - i);
  load_values(g, gradient + i, n - i);
  load_values(first, m + i, n - i);
  load_values(second, v + i, n - i);
  float rate = *learning_rate;
  float kept = fmaf(-rate, weight_decay, 1.0f);
  float step = rate / *correction1;
  float root = 1.0f / sqrtf(*correction2);
  for (int k = 0; k < N; k++) {
    float scaled = g[k] * scale;
    first[k] = fmaf(beta1, first[k], (1 - beta1) * scaled);
    second[k] = fmaf(beta2, second[k], (1 - beta2) * scaled * scaled);
    float direction = first[k] / fmaf(sqrtf(second[k]), root, epsilon);
    w[k] = fmaf(-step, direction, i + k < decayed ? w[k] * kept : w[k]);
  }
  store_values(m + i, first, n - i);
  store_values(v + i, second, n - i);
  store_values(weights + i, w, n - i);
  if (compute_weights != nullptr) {
    store_values(compute_weights + i, w, n - i);
  }
}
