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

// y[i] = a[i] b[i], or with accumulate y[i] += a[i] b[i]; y may be a or b.
extern "C" __global__ void multiply(REAL* y, const REAL* a, const REAL* b, int accumulate, i64 n) {
  float left[SHARE], right[SHARE], result[SHARE] = {};
  i64 i = first_value<SHARE>();
  load_values(left, a + i, n - i);
  load_values(right, b + i, n - i);
  if (accumulate) {
    load_values(result, y + i, n - i);
  }
  for (int k = 0; k < SHARE; k++) {
    result[k] = fmaf(left[k], right[k], result[k]);
  }
  store_values(y + i, result, n - i);
}

template <typename T>
__device__ __forceinline__ void clamp(T* x, float least, float most, i64 n) {
  float values[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  for (int k = 0; k < SHARE; k++) {
    float low = values[k] < least ? least : values[k];
    values[k] = low > most ? most : low;
  }
  store_values(x + i, values, n - i);
}

// x[i] = min(max(x[i], least), most); NaN stays NaN.
extern "C" __global__ void clamp_real(REAL* x, float least, float most, i64 n) { clamp(x, least, most, n); }
extern "C" __global__ void clamp_f32(float* x, float least, float most, i64 n) { clamp(x, least, most, n); }

// y = x, or with accumulate y += x, for rows that may lie apart.
//
// Grid rows x tiles of threads x SHARE columns; any alignment and strides.
extern "C" __global__ void copy_rows(REAL* __restrict__ y, i64 y_stride, const REAL* __restrict__ x,
                                     i64 x_stride, i64 cols, int accumulate) {
  float values[SHARE], before[SHARE] = {};
  i64 j = first_column<SHARE>();
  REAL* target = y + blockIdx.x * y_stride + j;
  load_values(values, x + blockIdx.x * x_stride + j, cols - j);
  if (accumulate) {
    load_values(before, target, cols - j);
    for (int k = 0; k < SHARE; k++) {
      values[k] += before[k];
    }
  }
  store_values(target, values, cols - j);
}
