// Layer and RMS normalisation of rows, fused with the residual sum, and the gradients.
//
// A row is held in registers: by WARPS warps, a thread PIECES times SHARE neighbours, the pieces of a
// warp side by side. WARPS = 1: four rows at once in a block of 128 threads; WARPS = 4 or 16: one row.
// The launcher takes the fewest warps and pieces for the width, with PIECES x SHARE at most 32.
#include "device.cuh"
#include "columns.cuh"
#include "values.cuh"

constexpr int ROW_THREADS = WARPS * WARP;
constexpr int BLOCK = WARPS == 1 ? 128 : ROW_THREADS;
constexpr int ROWS = BLOCK / ROW_THREADS;

__device__ __forceinline__ float sum_of_row(float x) {
  if constexpr (WARPS == 1) {
    return warp_sum(x);
  } else {
    return block_sum(x);
  }
}

__device__ __forceinline__ i64 first_row() { return (i64)blockIdx.x * ROWS + threadIdx.x / ROW_THREADS; }

// The first column of this thread's piece p.
__device__ __forceinline__ int column(int p) {
  return (p * ROW_THREADS + (int)threadIdx.x % ROW_THREADS) * SHARE;
}

__device__ __forceinline__ void load_row(float (&x)[PIECES][SHARE], const REAL* row, int cols) {
  for (int p = 0; p < PIECES; p++) {
    load_values(x[p], row + column(p), cols - column(p));
  }
}

// gamma for this thread's piece p; ones if it is null.
__device__ __forceinline__ void load_factor(float (&factor)[SHARE], const REAL* gamma, int p, int cols) {
  if (gamma == nullptr) {
    for (int k = 0; k < SHARE; k++) {
      factor[k] = 1.0f;
    }
  } else {
    load_values(factor, gamma + column(p), cols - column(p));
  }
}

// s = x + residual; y = (s - mean) / root * gamma + beta; statistics = mean, 1 / root.
//
// s is rounded only where it is stored. The variance is the mean of squared differences from the mean;
// not centred (RMS): the mean is 0. residual, with s,
// gamma and beta may be null; both are dense, x and y have strides; any alignment.
// Grid rows / ROWS, BLOCK threads. Reads x and residual, writes s and y, once each.
extern "C" __global__ __launch_bounds__(BLOCK, 1) void norm_forward(
    REAL* __restrict__ y, i64 y_stride, float* __restrict__ statistics, REAL* __restrict__ s,
    const REAL* __restrict__ x, i64 x_stride, const REAL* __restrict__ residual,
    const REAL* __restrict__ gamma, const REAL* __restrict__ beta, i64 rows, int cols,
    float epsilon, int centred) {
  i64 row = first_row();
  if (row >= rows) {
    return;
  }
  float v[PIECES][SHARE];
  load_row(v, x + row * x_stride, cols);
  if (residual != nullptr) {
    for (int p = 0; p < PIECES; p++) {
      float added[SHARE];
      load_values(added, residual + row * (i64)cols + column(p), cols - column(p));
      for (int k = 0; k < SHARE; k++) {
        v[p][k] += added[k];
      }
      store_values(s + row * (i64)cols + column(p), v[p], cols - column(p));
    }
  }
  float sum = 0, squares = 0;
  if (centred) {
    for (int p = 0; p < PIECES; p++) {
      for (int k = 0; k < SHARE; k++) {
        sum += v[p][k];
      }
    }
    sum = sum_of_row(sum);
  }
  float mean = sum / cols;
  for (int p = 0; p < PIECES; p++) {
    for (int k = 0; k < SHARE; k++) {
      v[p][k] = column(p) + k < cols ? v[p][k] - mean : 0.0f;
      squares = fmaf(v[p][k], v[p][k], squares);
    }
  }
  float scale = 1.0f / sqrtf(sum_of_row(squares) / cols + epsilon);
  if (threadIdx.x % ROW_THREADS == 0) {
    statistics[2 * row] = mean;
    statistics[2 * row + 1] = scale;
  }
  for (int p = 0; p < PIECES; p++) {
    float factor[SHARE], shift[SHARE] = {};
    load_factor(factor, gamma, p, cols);
    if (beta != nullptr) {
      load_values(shift, beta + column(p), cols - column(p));
    }
    for (int k = 0; k < SHARE; k++) {
      v[p][k] = fmaf(v[p][k] * scale, factor[k], shift[k]);
    }
    store_values(y + row * y_stride + column(p), v[p], cols - column(p));
  }
}

// With g = dy gamma and h = (s - mean) / root, per row: ds = (g - mean(g) - h mean(g h)) / root, without
// mean(g) if not centred; with accumulate, ds is added to. h is left in place of s.
__device__ __forceinline__ void row_gradient(
    REAL* ds, const float (&d)[PIECES][SHARE], float (&h)[PIECES][SHARE], float mean, float scale,
    const REAL* __restrict__ gamma, int cols, int centred, int accumulate) {
  float sum_g = 0, sum_gh = 0;
  for (int p = 0; p < PIECES; p++) {
    float factor[SHARE];
    load_factor(factor, gamma, p, cols);
    for (int k = 0; k < SHARE; k++) {
      float g = d[p][k] * factor[k];
      h[p][k] = (h[p][k] - mean) * scale;
      sum_g += g;
      sum_gh = fmaf(g, h[p][k], sum_gh);
    }
  }
  float mean_g = centred ? sum_of_row(sum_g) / cols : 0.0f;
  float mean_gh = sum_of_row(sum_gh) / cols;
  for (int p = 0; p < PIECES; p++) {
    float factor[SHARE], result[SHARE] = {};
    load_factor(factor, gamma, p, cols);
    if (accumulate) {
      load_values(result, ds + column(p), cols - column(p));
    }
    for (int k = 0; k < SHARE; k++) {
      float g = fmaf(d[p][k], factor[k], -mean_g);
      result[k] = fmaf(scale, fmaf(-mean_gh, h[p][k], g), result[k]);
    }
    store_values(ds + column(p), result, cols - column(p));
  }
}

// Adds up the threads' sums for their columns over the rows of a block, warp after warp, and writes them.
__device__ __forceinline__ void store_sums(float* partial, const float (&sum)[PIECES][SHARE], int cols) {
  if constexpr (ROWS == 1) {
    for (int p = 0; p < PIECES; p++) {
      store_values(partial + column(p), sum[p], cols - column(p));
    }
  } else {
    __shared__ float sums[PIECES * ROW_THREADS * SHARE];
    for (int w = 0; w < ROWS; w++) {
      __syncthreads();
      if (threadIdx.x / ROW_THREADS == w) {
        for (int p = 0; p < PIECES; p++) {
          for (int k = 0; k < SHARE; k++) {
            float before = w == 0 ? 0.0f : sums[column(p) + k];
            sums[column(p) + k] = before + sum[p][k];
          }
        }
      }
    }
    __syncthreads();
    for (int j = threadIdx.x; j < cols; j += BLOCK) {
      partial[j] = sums[j];
    }
    __syncthreads();
  }
}

// Gradients with respect to s, and partial sums for gamma and beta: partials[b] holds, over the rows of
// block b, cols sums of dy h and cols sums of dy; null if nobody wants them. For WARPS = 1 and 4; wider
// rows leave no registers for the sums.
//
// Grid as many blocks as run at once, at most rows / ROWS, BLOCK threads; block b takes the rows
// b ROWS, ... and every gridDim.x ROWS further. Strides, any alignment. Reads dy, s (and ds), writes ds.
#if WARPS <= 4
extern "C" __global__ __launch_bounds__(BLOCK, 1) void norm_backward(
    REAL* ds, i64 ds_stride, float* __restrict__ partials, const REAL* __restrict__ dy,
    i64 dy_stride, const REAL* __restrict__ s, i64 s_stride, const float* __restrict__ statistics,
    const REAL* __restrict__ gamma, i64 rows, int cols, int centred, int accumulate) {
  float gamma_sum[PIECES][SHARE] = {}, beta_sum[PIECES][SHARE] = {};
  for (i64 row = first_row(); row < rows; row += (i64)gridDim.x * ROWS) {
    float d[PIECES][SHARE], h[PIECES][SHARE];
    load_row(d, dy + row * dy_stride, cols);
    load_row(h, s + row * s_stride, cols);
    float mean = statistics[2 * row], scale = statistics[2 * row + 1];
    row_gradient(ds + row * ds_stride, d, h, mean, scale, gamma, cols, centred, accumulate);
    for (int p = 0; p < PIECES; p++) {
      for (int k = 0; k < SHARE; k++) {
        gamma_sum[p][k] = fmaf(d[p][k], h[p][k], gamma_sum[p][k]);
        beta_sum[p][k] += d[p][k];
      }
    }
  }
  if (partials != nullptr) {
    float* partial = partials + blockIdx.x * 2LL * cols;
    store_sums(partial, gamma_sum, cols);
    store_sums(partial + cols, beta_sum, cols);
  }
}
#else
// The same for wide rows, without the sums: grid rows, BLOCK threads.
extern "C" __global__ __launch_bounds__(BLOCK, 1) void norm_backward_rows(
    REAL* ds, i64 ds_stride, const REAL* __restrict__ dy, i64 dy_stride,
    const REAL* __restrict__ s, i64 s_stride, const float* __restrict__ statistics,
    const REAL* __restrict__ gamma, int cols, int centred, int accumulate) {
  i64 row = blockIdx.x;
  float d[PIECES][SHARE], h[PIECES][SHARE];
  load_row(d, dy + row * dy_stride, cols);
  load_row(h, s + row * s_stride, cols);
  float mean = statistics[2 * row], scale = statistics[2 * row + 1];
  row_gradient(ds + row * ds_stride, d, h, mean, scale, gamma, cols, centred, accumulate);
}

// The sums for wide rows: partials[b] as above, over block_rows rows.
//
// Grid tiles of 32 x SHARE columns x blocks of rows, 256 threads: warp w takes the rows w, w + 8, ...
extern "C" __global__ __launch_bounds__(256) void norm_backward_sums(
    float* partials, const REAL* __restrict__ dy, i64 dy_stride, const REAL* __restrict__ s,
    i64 s_stride, const float* __restrict__ statistics, i64 rows, i64 cols, i64 block_rows) {
  __shared__ float gamma_sums[COLUMN_WARPS][WARP * SHARE], beta_sums[COLUMN_WARPS][WARP * SHARE];
  i64 tile = (i64)blockIdx.x * WARP * SHARE;
  i64 j = tile + threadIdx.x % WARP * SHARE;
  i64 first = blockIdx.y * block_rows;
  i64 end = first + block_rows < rows ? first + block_rows : rows;
  float gamma_sum[SHARE] = {}, beta_sum[SHARE] = {};
  for (i64 row = first + threadIdx.x / WARP; row < end; row += COLUMN_WARPS) {
    float d[SHARE], x[SHARE];
    load_values(d, dy + row * dy_stride + j, cols - j);
    load_values(x, s + row * s_stride + j, cols - j);
    float mean = statistics[2 * row], scale = statistics[2 * row + 1];
    for (int k = 0; k < SHARE; k++) {
      gamma_sum[k] = fmaf(d[k], (x[k] - mean) * scale, gamma_sum[k]);
      beta_sum[k] += d[k];
    }
  }
  float of_gamma = sum_of_warps(gamma_sums, gamma_sum);
  float of_beta = sum_of_warps(beta_sums, beta_sum);
  i64 mine = tile + threadIdx.x;
  if (threadIdx.x < WARP * SHARE && mine < cols) {
    partials[blockIdx.y * 2 * cols + mine] = of_gamma;
    partials[blockIdx.y * 2 * cols + cols + mine] = of_beta;
  }
}
#endif
