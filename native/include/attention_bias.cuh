// Sums of the gradients of scores by the distance of query and key.
#pragma once
#include "attention.cuh"

constexpr int SCORE_PITCH = STEP + 1;      // floats from row to row
constexpr int DIAGONALS = OWN + STEP - 1;  // distances within OWN x STEP scores

// The block's own 2 radius + 1 sums among those of all heads and blocks, made 0. The next
// __syncthreads makes that known.
__device__ __forceinline__ float* clear_sums(float* sums, int head, int radius) {
  i64 distances = 2 * (i64)radius + 1;
  sums += (head * (i64)gridDim.x + blockIdx.x) * distances;
  for (i64 i = threadIdx.x; i < distances; i += ATTENTION_THREADS) {
    sums[i] = 0;
  }
  return sums;
}

// Adds OWN x STEP gradients of scores to the 2 radius + 1 sums of their clamped distances, in a fixed
// order. `distance` is that of the lowest left score, the smallest. All threads of the block call,
// after they have written their scores; these stand there until the next __syncthreads. Behind the
// scores there is room for DIAGONALS floats.
__device__ __forceinline__ void add_distances(
    float* sums, const float* scores, int distance, int radius) {
  float* diagonals = const_cast<float*>(scores) + OWN * SCORE_PITCH;
  __syncthreads();
  for (int i = threadIdx.x; i < DIAGONALS; i += ATTENTION_THREADS) {
    int shift = i - (OWN - 1);  // column - row
    float sum = 0;
    for (int row = shift < 0 ? -shift : 0; row < OWN && row + shift < STEP; row++) {
      sum += scores[row * SCORE_PITCH + row + shift];
    }
    diagonals[i] = sum;
    int place = distance + i;
    if (-radius < place && place < radius) {
      sums[place + radius] += sum;
    }
  }
  __syncthreads();
  // What is clamped: one warp adds up the distances before the radius, another those behind. With
  // radius 0 there is one sum, and the first warp adds up all.
  int warp = threadIdx.x / WARP;
  if (warp == 0 || (warp == 1 && radius > 0)) {
    float sum = 0;
    for (int i = threadIdx.x % WARP; i < DIAGONALS; i += WARP) {
      int place = distance + i;
      bool before = place <= -radius || radius == 0;
      bool behind = place >= radius;
      sum += (warp == 0 ? before : behind) ? diagonals[i] : 0.0f;
    }
    sum = warp_sum(sum);
    if (threadIdx.x % WARP == 0) {
      sums[warp == 0 ? 0 : 2 * radius] += sum;
    }
  }
}
