// Sums of columns, in two stages: partial sums of blocks of rows, then these in their order.
#include "device.cuh"
#include "columns.cuh"
#include "values.cuh"

// partials[b][j] = sum of x[i][j] over the rows i of block b, which has block_rows of them.
//
// Grid tiles of 32 x SHARE columns x blocks of rows, 256 threads: warp w takes the rows w, w + 8, ...
// of its block, a lane SHARE columns; any alignment and stride. Reads x once.
extern "C" __global__ __launch_bounds__(256) void column_sums(
    float* partials, const REAL* __restrict__ x, i64 stride, i64 rows, i64 cols, i64 block_rows) {
  __shared__ float sums[COLUMN_WARPS][WARP * SHARE];
  i64 tile = (i64)blockIdx.x * WARP * SHARE;
  i64 j = tile + threadIdx.x % WARP * SHARE;
  i64 first = blockIdx.y * block_rows;
  i64 end = first + block_rows < rows ? first + block_rows : rows;
  float sum[SHARE] = {};
#pragma unroll 4
  for (i64 i = first + threadIdx.x / WARP; i < end; i += COLUMN_WARPS) {
    float values[SHARE];
    load_values(values, x + i * stride + j, cols - j);
    for (int k = 0; k < SHARE; k++) {
      sum[k] += values[k];
    }
  }
  float total = sum_of_warps(sums, sum);
  if (threadIdx.x < WARP * SHARE && tile + threadIdx.x < cols) {
    partials[blockIdx.y * cols + tile + threadIdx.x] = total;
  }
}

// sum[j] += sum of partials[b][j] over the blocks b; row b of the partials starts at b * stride.
//
// Grid tiles of 32 columns, 256 threads: warp w takes the blocks w, w + 8, ...
extern "C" __global__ __launch_bounds__(256) void add_partials(
    float* sum, const float* __restrict__ partials, i64 stride, i64 blocks, i64 cols) {
  __shared__ float sums[COLUMN_WARPS][WARP];
  i64 tile = (i64)blockIdx.x * WARP;
  i64 j = tile + threadIdx.x % WARP;
  float mine[1] = {};
  if (j < cols) {
#pragma unroll 8
    for (i64 b = threadIdx.x / WARP; b < blocks; b += COLUMN_WARPS) {
      mine[0] += partials[b * stride + j];
    }
  }
  float total = sum_of_warps(sums, mine);
  if (threadIdx.x < WARP && tile + threadIdx.x < cols) {
    sum[tile + threadIdx.x] += total;
  }
}
