// Short runs of values, as floats in registers: one thread's share of a row or of a buffer.
#pragma once
#include "device.cuh"

// Values in 16 bytes of the compute type, the usual share of a thread.
constexpr int SHARE = VECTOR<REAL>;

// Reads x[j] = p[j] for j < count <= N, and 0 behind: in the widest accesses if all N are there and p
// is aligned for them, else one by one.
template <int N, typename T>
__device__ __forceinline__ void load_values(float (&x)[N], const T* p, i64 count) {
  constexpr int BYTES = N * (int)sizeof(T);
  if (count >= N && ((u64)p & (BYTES < 16 ? BYTES - 1 : 15)) == 0) {
    if constexpr (BYTES >= 16) {
      for (int k = 0; k < N; k += VECTOR<T>) {
        float part[VECTOR<T>];
        unpack(*(const uint4*)(p + k), part);
        for (int j = 0; j < VECTOR<T>; j++) {
          x[k + j] = part[j];
        }
      }
    } else {
      static_assert(BYTES == 8, "four bf16");
      uint2 v = *(const uint2*)p;
      x[0] = low_bf16(v.x);
      x[1] = high_bf16(v.x);
      x[2] = low_bf16(v.y);
      x[3] = high_bf16(v.y);
    }
    return;
  }
  for (int j = 0; j < N; j++) {
    x[j] = j < count ? to_float(p[j]) : 0.0f;
  }
}

// Writes p[j] = x[j] for j < count <= N, rounded to T.
template <int N, typename T>
__device__ __forceinline__ void store_values(T* p, const float (&x)[N], i64 count) {
  constexpr int BYTES = N * (int)sizeof(T);
  if (count >= N && ((u64)p & (BYTES < 16 ? BYTES - 1 : 15)) == 0) {
    if constexpr (BYTES >= 16) {
      for (int k = 0; k < N; k += VECTOR<T>) {
        float part[VECTOR<T>];
        for (int j = 0; j < VECTOR<T>; j++) {
          part[j] = x[k + j];
        }
        *(uint4*)(p + k) = pack(part);
      }
    } else {
      static_assert(BYTES == 8, "four bf16");
      *(uint2*)p = make_uint2(pack_bf16(x[0], x[1]), pack_bf16(x[2], x[3]));
    }
    return;
  }
  for (int j = 0; j < N; j++) {
    if (j < count) {
      p[j] = from_float<T>(x[j]);
    }
  }
}

// Where this thread's N values of a buffer start, in a grid of one dimension.
template <int N>
__device__ __forceinline__ i64 first_value() {
  return ((i64)blockIdx.x * blockDim.x + threadIdx.x) * N;
}

// Where this thread's N columns of row blockIdx.x start, in a grid of rows x tiles of columns.
template <int N>
__device__ __forceinline__ i64 first_column() {
  return ((i64)blockIdx.y * blockDim.x + threadIdx.x) * N;
}
