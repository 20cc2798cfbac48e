// Filling, moving, rounding and scaling buffers.
#include "device.cuh"
#include "values.cuh"

// Launch of all: one dimension, threads x SHARE values per block (copy: 8 x 2 bytes a thread), any
// alignment. Each value is read and written once.

template <typename T>
__device__ __forceinline__ void fill(T* x, float value, i64 n) {
  float values[SHARE];
  for (int j = 0; j < SHARE; j++) {
    values[j] = value;
  }
  i64 i = first_value<SHARE>();
  store_values(x + i, values, n - i);
}

// x[i] = value
extern "C" __global__ void fill_real(REAL* x, float value, i64 n) { fill(x, value, n); }
extern "C" __global__ void fill_f32(float* x, float value, i64 n) { fill(x, value, n); }

// y[i] = x[i], bit by bit, for n pairs of bytes.
extern "C" __global__ void copy(u16* __restrict__ y, const u16* __restrict__ x, i64 n) {
  i64 i = first_value<8>();
  if (i + 8 <= n && aligned16(y + i) && aligned16(x + i)) {
    *(uint4*)(y + i) = *(const uint4*)(x + i);
  } else {
    for (i64 end = i + 8 < n ? i + 8 : n; i < end; i++) {
      y[i] = x[i];
    }
  }
}

template <typename T, typename U>
__device__ __forceinline__ void cast(T* __restrict__ y, const U* __restrict__ x, i64 n) {
  float values[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  store_values(y + i, values, n - i);
}

// y[i] = x[i], rounded
extern "C" __global__ void cast_to_real(REAL* y, const float* x, i64 n) { cast(y, x, n); }
extern "C" __global__ void cast_to_f32(float* y, const REAL* x, i64 n) { cast(y, x, n); }

template <typename T>
__device__ __forceinline__ void axpby(
    T* __restrict__ y, float a, const T* __restrict__ x, float b, i64 n) {
  float sum[SHARE], values[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  for (int j = 0; j < SHARE; j++) {
    sum[j] = a * values[j];
  }
  if (b != 0) {
    load_values(values, y + i, n - i);
    for (int j = 0; j < SHARE; j++) {
      sum[j] = fmaf(b, values[j], sum[j]);
    }
  }
  store_values(y + i, sum, n - i);
}

// y[i] = a x[i] + b y[i]; with b = 0, y is not read.
extern "C" __global__ void axpby_real(REAL* y, float a, const REAL* x, float b, i64 n) {
  axpby(y, a, x, b, n);
}
extern "C" __global__ void axpby_f32(float* y, float a, const float* x, float b, i64 n) {
  axpby(y, a, x, b, n);
}
