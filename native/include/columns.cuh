// What sums over rows share: a block's warps hold sums for the same columns.
#pragma once
#include "device.cuh"

constexpr int COLUMN_WARPS = 8;

// Adds up what the eight warps of a block hold for the same 32 x N columns, in their order. The result
// is the sum of column threadIdx.x, for threads below 32 x N. Every thread calls, once per `sums`.
template <int N>
__device__ __forceinline__ float sum_of_warps(
    float (&sums)[COLUMN_WARPS][WARP * N], const float (&x)[N]) {
  int lane = threadIdx.x % WARP;
  for (int k = 0; k < N; k++) {
    sums[threadIdx.x / WARP][lane * N + k] = x[k];
  }
  __syncthreads();
  float sum = 0;
  if (threadIdx.x < WARP * N) {
    for (int w = 0; w < COLUMN_WARPS; w++) {
      sum += sums[w][threadIdx.x];
    }
  }
  return sum;
}
