// Tokens drawn from the softmax of rows of logits, and put in the place of masked ones.
#include "device.cuh"
#include "gumbel.cuh"

// What a thread has seen of a row: the largest noisy logit, and its first column.
struct Best {
  float score;
  int column;
};

__device__ __forceinline__ Best better(Best a, Best b) {
  bool second = b.score > a.score || (b.score == a.score && b.column < a.column);
  return second ? b : a;
}

// For each row i with p = position[i] >= 0: ids[p] = argmax_j logits[i, j] + gumbel(seed, stream,
// first + i, j), and replaced[p] = 1, or 0 if that is target[i]. Of equal ones the first; 0 where no
// logit is above -infinity. The seed is the int whose bits seed[0] holds.
//
// A block of at most 256 threads, in whole warps, for each row; any alignment and stride. Reads each
// logit once.
extern "C" __global__ void sample_rows(int* ids, int* replaced, const REAL* logits, i64 stride,
                                       const int* position, const int* target, const float* seed,
                                       int stream, i64 first, int cols) {
  __shared__ Best of_warp[8];
  RandomRow random =
      random_row(__float_as_uint(*seed), (u32)stream, (u32)(first + (i64)blockIdx.x));
  const REAL* row = logits + (i64)blockIdx.x * stride;
  Best best = {-infinity(), cols};
  for (int j = threadIdx.x; j < cols; j += blockDim.x) {
    float score = to_float(row[j]) + gumbel(random, (u32)j);
    if (score > best.score) {
      best = {score, j};
    }
  }
  for (int lanes = 16; lanes > 0; lanes >>= 1) {
    Best other = {__shfl_xor_sync(0xffffffffu, best.score, lanes),
                  __shfl_xor_sync(0xffffffffu, best.column, lanes)};
    best = better(best, other);
  }
  if (threadIdx.x % 32 == 0) {
    of_warp[threadIdx.x / 32] = best;
  }
  __syncthreads();
  int place = position[blockIdx.x];
  if (threadIdx.x == 0 && place >= 0) {
    for (int warp = 1; warp < (int)blockDim.x / 32; warp++) {
      best = better(best, of_warp[warp]);
    }
    int drawn = best.column == cols ? 0 : best.column;
    ids[place] = drawn;
    replaced[place] = drawn == target[blockIdx.x] ? 0 : 1;
  }
}
