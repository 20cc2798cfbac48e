// Means of rows over intervals, and the gradient.
#include "device.cuh"
#include "columns.cuh"
#include "values.cuh"

// y[i] = the mean of the rows start[i] to end[i] of x, zeros where there are none. What an interval
// holds beyond the rows of x, which nobody checks on the way here, does not count.
//
// Grid intervals x tiles of 32 x SHARE columns, 256 threads: warp w takes the rows w, w + 8, ... of the
// interval, a lane SHARE columns; any alignment and strides. Reads the rows once.
extern "C" __global__ __launch_bounds__(256) void pool_rows(
    REAL* __restrict__ y, i64 y_stride, const REAL* __restrict__ x, i64 x_stride, i64 x_rows,
    const int* __restrict__ start, const int* __restrict__ end, i64 cols) {
  __shared__ float sums[COLUMN_WARPS][WARP * SHARE];
  i64 tile = (i64)blockIdx.y * WARP * SHARE;
  i64 j = tile + threadIdx.x % WARP * SHARE;
  i64 first = start[blockIdx.x] > 0 ? start[blockIdx.x] : 0;
  i64 last = end[blockIdx.x] < x_rows ? end[blockIdx.x] : x_rows;
  float sum[SHARE] = {};
#pragma unroll 4
  for (i64 row = first + threadIdx.x / WARP; row < last; row += COLUMN_WARPS) {
    float values[SHARE];
    load_values(values, x + row * x_stride + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      sum[k] += values[k];
    }
  }
  float total = sum_of_warps(sums, sum);
  if (threadIdx.x < WARP * SHARE && tile + threadIdx.x < cols) {
    float mean = first < last ? total / (last - first) : 0.0f;
    y[blockIdx.x * y_stride + tile + threadIdx.x] = from_float<REAL>(mean);
  }
}

// The first of `count` non-decreasing values that is above `row`, or `count`.
__device__ __forceinline__ i64 first_above(const int* values, i64 count, i64 row) {
  i64 from = 0;
  i64 to = count;
  while (from < to) {
    i64 middle = (from + to) / 2;
    if (values[middle] > row) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}

// dx[r] = the sum of dy[i] / (end[i] - start[i]) over the intervals that hold row r, in their order; with
// accumulate, dx is added to. Both ends grow with i, so these intervals are neighbours.
//
// Grid rows of dx x tiles of threads x SHARE columns; any alignment and strides. Reads dy once for each
// row of an interval, mostly from cache, writes dx.
extern "C" __global__ void pool_rows_backward(
    REAL* __restrict__ dx, i64 dx_stride, const REAL* __restrict__ dy, i64 dy_stride,
    const int* __restrict__ start, const int* __restrict__ end, i64 intervals, i64 cols,
    int accumulate) {
  i64 row = blockIdx.x;
  i64 j = first_column<SHARE>();
  REAL* target = dx + row * dx_stride + j;
  float sum[SHARE] = {};
  if (accumulate) {
    load_values(sum, target, cols - j);
  }
  i64 last = first_above(start, intervals, row);
  for (i64 i = first_above(end, intervals, row); i < last; i++) {
    float values[SHARE];
    float share = 1.0f / (end[i] - start[i]);
    load_values(values, dy + i * dy_stride + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      sum[k] = fmaf(share, values[k], sum[k]);
    }
  }
  store_values(target, sum, cols - j);
}
