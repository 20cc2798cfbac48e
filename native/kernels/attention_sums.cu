// The reductions around attention's backward kernels.
#include "attention.cuh"

namespace {

constexpr int LANES = 16;  // threads of one head's row, 8 values each

// `count` <= 8 values; vectors where they are aligned.
template <typename T>
__device__ __forceinline__ float dot8(const T* x, const T* y, int count) {
  float a[8];
  float b[8];
  bool read = false;
  if constexpr (VECTOR<T> == 8) {
    if (count == 8 && aligned16(x) && aligned16(y)) {
      unpack(*(const uint4*)x, a);
      unpack(*(const uint4*)y, b);
      read = true;
    }
  }
  if (!read) {
#pragma unroll
    for (int i = 0; i < 8; i++) {
      a[i] = i < count ? to_float(x[i]) : 0.0f;
      b[i] = i < count ? to_float(y[i]) : 0.0f;
    }
  }
  float sum = 0;
#pragma unroll
  for (int i = 0; i < 8; i++) {
    sum = fmaf(a[i], b[i], sum);
  }
  return sum;
}

}  // namespace

// delta = sum of dout out, for each head of each row.
//
//   delta      float, heads x queries
//   dout, out  queries x heads of `width` <= 128 values; any alignment, strides in elements
//
// Grid ceil(queries heads / 8), 128 threads. Moves dout, out and delta once.
extern "C" __global__ __launch_bounds__(128) void attention_delta(
    float* delta,
    const REAL* dout,
    i64 dout_stride,
    const REAL* out,
    i64 out_stride,
    i64 queries,
    int heads,
    int width) {
  i64 index = ((i64)blockIdx.x * ATTENTION_THREADS + threadIdx.x) / LANES;
  int column = threadIdx.x % LANES * 8;
  i64 row = index / heads;
  int head = (int)(index % heads);
  float sum = 0;
  if (row < queries && column < width) {
    i64 place = (i64)head * width + column;
    int count = width - column < 8 ? width - column : 8;
    sum = dot8(dout + row * dout_stride + place, out + row * out_stride + place, count);
  }
  for (int step = LANES / 2; step > 0; step /= 2) {
    sum += __shfl_xor_sync(FULL_WARP, sum, step);
  }
  if (row < queries && column == 0) {
    delta[head * queries + row] = sum;
  }
}

// dbias += the sums of all blocks of attention_backward_queries, in order.
//
//   dbias      float, heads x distances
//   bias_sums  float, heads x blocks x distances
//
// Grid ceil(heads distances / 128), 128 threads. Reads bias_sums once, coalesced.
extern "C" __global__ __launch_bounds__(128) void attention_bias_sum(
    float* dbias, const float* bias_sums, int heads, i64 blocks, i64 distances) {
  i64 cell = (i64)blockIdx.x * ATTENTION_THREADS + threadIdx.x;
  if (cell >= heads * distances) {
    return;
  }
  const float* of_head = bias_sums + cell / distances * blocks * distances + cell % distances;
  float sum = dbias[cell];
  for (i64 block = 0; block < blocks; block++) {
    sum += of_head[block * distances];
  }
  dbias[cell] = sum;
}
