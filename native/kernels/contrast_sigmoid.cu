// The sigmoid loss over tiles of scores, and its gradient.
//
// Logits are exp(t') times scores plus a bias; a masked score is -infinity. Rows of a tile start at
// multiples of 64 bytes. `row` and `col` are the tile's first query and key.
#include "device.cuh"
#include "values.cuh"

constexpr float LEAST = -3.402823466e38f;

// log(1 + e) = 2 artanh(e / (2 + e)) for e in 0..1, small ones to their last bits.
__device__ __forceinline__ float log1p_of(float e) {
  float t = e / (2 + e);
  float square = t * t;
  float series = 2.0f / 13;
  series = fmaf(series, square, 2.0f / 11);
  series = fmaf(series, square, 2.0f / 9);
  series = fmaf(series, square, 2.0f / 7);
  series = fmaf(series, square, 2.0f / 5);
  series = fmaf(series, square, 2.0f / 3);
  series = fmaf(series, square, 2.0f);
  return series * t;
}

// loss += log(1 + exp(-y logit)) summed over a row, y = 1 on the diagonal, else -1; with w, that is
// scale d sum(loss) / d score, slope += d loss / d t', bias_slope += d loss / d bias. w is null for no
// gradient, or may be `scores`.
//
// Grid rows of the tile, 256 threads. Reads the tile once, writes w once.
extern "C" __global__ __launch_bounds__(256) void contrast_sigmoid(
    REAL* w, const float* scores, i64 stride, i64 cols, i64 row, i64 col, const float* log_scale,
    const float* bias, const float* scale, float* loss, float* slope, float* bias_slope) {
  i64 start = blockIdx.x * stride;
  i64 query = row + blockIdx.x;
  float factor = expf(*log_scale);
  float shift = *bias;
  float outer = w == nullptr ? 0.0f : *scale * factor;
  float losses = 0, slopes = 0, scores_slope = 0;
  for (i64 j = threadIdx.x * 4; j < cols; j += blockDim.x * 4) {
    float z[4];
    load_values(z, scores + start + j, cols - j);
    for (int k = 0; k < 4; k++) {
      float sign = col + j + k == query ? -1.0f : 1.0f;
      float x = j + k < cols ? sign * fmaf(factor, z[k], shift) : -infinity();
      float e = expf(-fabsf(x));
      losses += fmaxf(x, 0.0f) + log1p_of(e);
      float p = sign * (x < 0 ? e : 1.0f) / (1 + e);
      slopes += p;
      scores_slope = fmaf(p, fmaxf(z[k], LEAST), scores_slope);
      z[k] = outer * p;
    }
    if (w != nullptr) {
      store_values(w + start + j, z, cols - j);
    }
  }
  losses = block_sum(losses);
  slopes = block_sum(slopes);
  scores_slope = block_sum(scores_slope);
  if (threadIdx.x == 0) {
    loss[query] += losses;
    if (w != nullptr) {
      slope[query] += factor * scores_slope;
      bias_slope[query] += slopes;
    }
  }
}
