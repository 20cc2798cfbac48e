// InfoNCE over tiles of scores: log-sum-exps of rows and columns, losses, gradients.
//
// Logits are exp(t') times scores; a masked score is -infinity. Rows of a tile start at multiples of 64
// bytes. `row` and `col` are the tile's first query and key.
#include "device.cuh"
#include "values.cuh"

constexpr float LOG2_E = 1.4426950408889634f;
constexpr float LEAST = -3.402823466e38f;

// A log-sum-exp as far as it was seen: the largest logit, the sum of exp(logit - largest).
struct LogSum {
  float max, sum;
};

// What differences are taken from: where all logits are -infinity, from 0.
__device__ __forceinline__ float shift_of(float max) { return max == -infinity() ? 0.0f : max; }

__device__ __forceinline__ float exponential(float x) { return exp2_fast(x * LOG2_E); }

__device__ __forceinline__ LogSum joined(LogSum a, LogSum b) {
  float max = fmaxf(a.max, b.max);
  float shift = shift_of(max);
  return {max, a.sum * exponential(a.max - shift) + b.sum * exponential(b.max - shift)};
}

// N more logits: the maximum first, so that the sum is rescaled once for them.
template <int N>
__device__ __forceinline__ void see(LogSum& seen, const float (&logits)[N]) {
  float max = seen.max;
  for (int k = 0; k < N; k++) {
    max = fmaxf(max, logits[k]);
  }
  float shift = shift_of(max);
  seen.sum *= exponential(seen.max - shift);
  for (int k = 0; k < N; k++) {
    seen.sum += exponential(logits[k] - shift);
  }
  seen.max = max;
}

// Adds a tile to the log-sum-exps of its rows, max and sum, and keeps the logits on the diagonal.
//
// Grid rows of the tile, 256 threads. Reads the tile once.
extern "C" __global__ __launch_bounds__(256) void contrast_rows(
    float* max, float* sum, float* positive, const float* __restrict__ scores, i64 stride, i64 cols,
    i64 row, i64 col, const float* log_scale) {
  const float* z = scores + blockIdx.x * stride;
  float factor = expf(*log_scale);
  i64 query = row + blockIdx.x;
  LogSum seen = {-infinity(), 0.0f};
  for (i64 j = threadIdx.x * 4; j < cols; j += blockDim.x * 4) {
    float logits[4];
    load_values(logits, z + j, cols - j);
    for (int k = 0; k < 4; k++) {
      logits[k] = j + k < cols ? factor * logits[k] : -infinity();
    }
    see(seen, logits);
  }
  float largest = block_max(seen.max);
  float total = block_sum(seen.sum * exponential(seen.max - shift_of(largest)));
  if (threadIdx.x == 0) {
    LogSum all = joined({max[query], sum[query]}, {largest, total});
    max[query] = all.max;
    sum[query] = all.sum;
    i64 diagonal = query - col;
    if (diagonal >= 0 && diagonal < cols) {
      positive[query] = factor * z[diagonal];
    }
  }
}

constexpr int COLUMN_WARPS = 16;

// Adds a tile to the log-sum-exps of its first `cols` columns: lanes have a column each, and warps
// share the rows.
//
// Grid one block per 32 columns, 512 threads. Reads those columns once.
extern "C" __global__ __launch_bounds__(512) void contrast_columns(
    float* max, float* sum, const float* __restrict__ scores, i64 stride, i64 rows, i64 cols, i64 col,
    const float* log_scale) {
  __shared__ LogSum of_warp[COLUMN_WARPS][WARP];
  constexpr int BATCH = 8;
  int lane = threadIdx.x % WARP;
  int warp = threadIdx.x / WARP;
  i64 j = (i64)blockIdx.x * WARP + lane;
  float factor = expf(*log_scale);
  LogSum seen = {-infinity(), 0.0f};
  if (j < cols) {
    for (i64 i = warp; i < rows; i += COLUMN_WARPS * BATCH) {
      float logits[BATCH];
#pragma unroll
      for (int k = 0; k < BATCH; k++) {
        i64 at = i + k * COLUMN_WARPS;
        logits[k] = at < rows ? factor * scores[at * stride + j] : -infinity();
      }
      see(seen, logits);
    }
  }
  of_warp[warp][lane] = seen;
  __syncthreads();
  if (warp == 0 && j < cols) {
    LogSum all = {max[col + j], sum[col + j]};
    for (int w = 0; w < COLUMN_WARPS; w++) {
      all = joined(all, of_warp[w][lane]);
    }
    max[col + j] = all.max;
    sum[col + j] = all.sum;
  }
}

// loss = lse of the row - positive, or the mean of that and the column's; each lse replaces its maximum.
// The columns' pointers are null if the loss is one-sided.
//
// Grid one block per 256 queries, 256 threads.
extern "C" __global__ __launch_bounds__(256) void contrast_loss(
    float* loss, const float* positive, float* row_max, const float* row_sum, float* column_max,
    const float* column_sum, i64 queries) {
  i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= queries) {
    return;
  }
  float lse = row_max[i] + logf(row_sum[i]);
  row_max[i] = lse;
  float value = lse - positive[i];
  if (column_max != nullptr) {
    lse = column_max[i] + logf(column_sum[i]);
    column_max[i] = lse;
    value = 0.5f * (value + (lse - positive[i]));
  }
  loss[i] = value;
}

// w = scale d sum(loss) / d score, slope += d sum(loss) / d logit times the logit, summed over a row.
// `columns` is the scores as keys see them, mostly `scores` itself; column_lse is null if the loss is
// one-sided. w may be `scores`.
//
// Grid rows of the tile, 256 threads. Reads the tile once, and `columns` if that is another; writes w.
extern "C" __global__ __launch_bounds__(256) void contrast_gradient(
    REAL* w, const float* scores, const float* columns, i64 stride, i64 cols, i64 row, i64 col,
    const float* __restrict__ row_lse, const float* __restrict__ column_lse, i64 queries,
    const float* log_scale, const float* scale, float* slope) {
  i64 start = blockIdx.x * stride;
  i64 query = row + blockIdx.x;
  float factor = expf(*log_scale);
  float outer = *scale * factor;
  float share = column_lse == nullptr ? 1.0f : 0.5f;
  float lse = row_lse[query];
  float sum = 0;
  for (i64 j = threadIdx.x * 4; j < cols; j += blockDim.x * 4) {
    float z[4], c[4];
    load_values(z, scores + start + j, cols - j);
    load_values(c, columns + start + j, cols - j);
    for (int k = 0; k < 4; k++) {
      i64 key = col + j + k;
      float p = share * exponential(fmaf(factor, z[k], -lse));
      if (column_lse != nullptr && key < queries) {
        p += share * exponential(fmaf(factor, c[k], -column_lse[key]));
      }
      p = key == query ? p - 1 : p;
      sum += j + k < cols ? p * fmaxf(fmaxf(z[k], c[k]), LEAST) : 0.0f;
      z[k] = outer * p;
    }
    store_values(w + start + j, z, cols - j);
  }
  sum = block_sum(sum);
  if (threadIdx.x == 0) {
    slope[query] += factor * sum;
  }
}
