// Sums over whole buffers, in two stages: partial sums of blocks, then these in their order.
#include "device.cuh"
#include "values.cuh"

// Values of one block of the first stage.
constexpr int THREADS = 256;
constexpr int BLOCK_VALUES = 16384;

// The sum of term(x) over this block's values. Blocks that are whole and aligned read without a test
// per access, so that many reads are under way; the order of the sum is the same.
template <typename T, typename F>
__device__ __forceinline__ float sum_of_terms(const T* __restrict__ x, i64 count, F term) {
  constexpr int STEP = THREADS * VECTOR<T>;
  int i = threadIdx.x * VECTOR<T>;
  float values[VECTOR<T>];
  float sum = 0;
  if (count >= BLOCK_VALUES && aligned16(x)) {
#pragma unroll 8
    for (; i < BLOCK_VALUES; i += STEP) {
      unpack(*(const uint4*)(x + i), values);
      for (int j = 0; j < VECTOR<T>; j++) {
        sum += term(values[j]);
      }
    }
  } else {
    for (; i < BLOCK_VALUES; i += STEP) {
      load_values(values, x + i, count - i);
      for (int j = 0; j < VECTOR<T>; j++) {
        sum += term(values[j]);
      }
    }
  }
  return sum;
}

template <typename T, typename F>
__device__ __forceinline__ void block_partial(float* partials, const T* x, i64 n, F term) {
  i64 first = (i64)blockIdx.x * BLOCK_VALUES;
  float sum = block_sum(sum_of_terms(x + first, n - first, term));
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = sum;
  }
}

// First stage: partials[b] = sum of x, of its squares, or of the number of infinities and NaNs, over
// the b-th 16384 values.
//
// Grid one block per 16384 values, 256 threads; any alignment. Reads x once.
extern "C" __global__ __launch_bounds__(256) void partial_sums(float* partials, const float* x, i64 n) {
  block_partial(partials, x, n, [](float v) { return v; });
}

extern "C" __global__ __launch_bounds__(256) void partial_squares(float* partials, const float* x, i64 n) {
  block_partial(partials, x, n, [](float v) { return v * v; });
}

extern "C" __global__ __launch_bounds__(256) void partial_non_finite_f32(
    float* partials, const float* x, i64 n) {
  block_partial(partials, x, n, [](float v) { return is_finite(v) ? 0.0f : 1.0f; });
}

extern "C" __global__ __launch_bounds__(256) void partial_non_finite_real(
    float* partials, const REAL* x, i64 n) {
  block_partial(partials, x, n, [](float v) { return is_finite(v) ? 0.0f : 1.0f; });
}

// The sum of the partials, to all threads of the only block.
__device__ __forceinline__ float total(const float* __restrict__ partials, i64 blocks) {
  float sum = 0;
#pragma unroll 4
  for (i64 b = threadIdx.x; b < blocks; b += blockDim.x) {
    sum += partials[b];
  }
  return block_sum(sum);
}

// Second stages: one block of 1024 threads.

// result[0] += scale[0] * total; scale may be null for 1.
extern "C" __global__ __launch_bounds__(1024) void add_total(
    float* result, const float* partials, i64 blocks, const float* scale) {
  float sum = total(partials, blocks);
  if (threadIdx.x == 0) {
    result[0] = fmaf(scale == nullptr ? 1.0f : scale[0], sum, result[0]);
  }
}

// norm[0] = root of the total.
extern "C" __global__ __launch_bounds__(1024) void root_of_total(
    float* norm, const float* partials, i64 blocks) {
  float sum = total(partials, blocks);
  if (threadIdx.x == 0) {
    norm[0] = sqrtf(sum);
  }
}

// norm[0] = root of the total, scale[0] = min(1, max_norm / (norm + 1e-6)), NaN if that is not finite.
extern "C" __global__ __launch_bounds__(1024) void clip_by_total(
    float* norm, float* scale, const float* partials, i64 blocks, float max_norm) {
  float root = sqrtf(total(partials, blocks));
  if (threadIdx.x == 0) {
    norm[0] = root;
    scale[0] = is_finite(root) ? fminf(1.0f, max_norm / (root + 1e-6f)) : __int_as_float(0x7fc00000);
  }
}
