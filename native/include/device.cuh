// What every kernel stands on: integer types, bf16, reductions, and the chip's primitives.
//
// No header is included on a chip: NVRTC has none. On the software device the built-ins of CUDA and
// the chip's primitives come from softgpu_device.h; everything else here is the same code.
#pragma once

typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#ifdef SOFTGPU
#include "softgpu_device.h"
// What is plain C++ there.

__device__ __forceinline__ uint4 load_streaming(const void* p) { return *(const uint4*)p; }

__device__ __forceinline__ void store_streaming(void* p, uint4 v) { *(uint4*)p = v; }

__device__ __forceinline__ float exp2_fast(float x) { return exp2f(x); }

__device__ __forceinline__ u16 chip_bf16(float x) {
  u32 bits = __float_as_uint(x);
  u32 rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return x == x ? (u16)rounded : (u16)0x7fff;
}

__device__ __forceinline__ u32 chip_bf16x2(float low, float high) {
  return (u32)chip_bf16(high) << 16 | chip_bf16(low);
}
#else
#include "chip.cuh"
#endif

// Types

// The upper half of a float.
struct alignas(2) bf16 {
  u16 bits;
};

__device__ __forceinline__ float to_float(float x) { return x; }

__device__ __forceinline__ float to_float(bf16 x) { return __uint_as_float((u32)x.bits << 16); }

// x in type T, rounded to nearest even; NaN stays NaN.
template <typename T>
__device__ __forceinline__ T from_float(float x);

template <>
__device__ __forceinline__ float from_float<float>(float x) {
  return x;
}

template <>
__device__ __forceinline__ bf16 from_float<bf16>(float x) {
  return bf16{chip_bf16(x)};
}

// Two bf16 in one register, `low` at the lower address.
__device__ __forceinline__ u32 pack_bf16(float low, float high) {
  return chip_bf16x2(low, high);
}

__device__ __forceinline__ float low_bf16(u32 pair) { return __uint_as_float(pair << 16); }

__device__ __forceinline__ float high_bf16(u32 pair) { return __uint_as_float(pair & 0xffff0000u); }

__device__ __forceinline__ float infinity() { return __int_as_float(0x7f800000); }

__device__ __forceinline__ bool is_finite(float x) {
  return (__float_as_uint(x) & 0x7f800000u) != 0x7f800000u;
}

// Vectors of 16 bytes

// Values of T in 16 bytes.
template <typename T>
constexpr int VECTOR = 16 / (int)sizeof(T);

__device__ __forceinline__ bool aligned16(const void* p) { return ((u64)p & 15) == 0; }

__device__ __forceinline__ void unpack(uint4 v, float (&x)[4]) {
  x[0] = __uint_as_float(v.x);
  x[1] = __uint_as_float(v.y);
  x[2] = __uint_as_float(v.z);
  x[3] = __uint_as_float(v.w);
}

__device__ __forceinline__ void unpack(uint4 v, float (&x)[8]) {
  x[0] = low_bf16(v.x);
  x[1] = high_bf16(v.x);
  x[2] = low_bf16(v.y);
  x[3] = high_bf16(v.y);
  x[4] = low_bf16(v.z);
  x[5] = high_bf16(v.z);
  x[6] = low_bf16(v.w);
  x[7] = high_bf16(v.w);
}

__device__ __forceinline__ uint4 pack(const float (&x)[4]) {
  return make_uint4(
      __float_as_uint(x[0]), __float_as_uint(x[1]), __float_as_uint(x[2]), __float_as_uint(x[3]));
}

__device__ __forceinline__ uint4 pack(const float (&x)[8]) {
  return make_uint4(
      pack_bf16(x[0], x[1]), pack_bf16(x[2], x[3]), pack_bf16(x[4], x[5]), pack_bf16(x[6], x[7]));
}

// Reductions, each by a fixed tree: equal inputs give equal bits

constexpr int WARP = 32;
constexpr u32 FULL_WARP = 0xffffffffu;

// The sum over the lanes of a warp, to all of them.
__device__ __forceinline__ float warp_sum(float x) {
  for (int step = WARP / 2; step > 0; step /= 2) {
    x += __shfl_xor_sync(FULL_WARP, x, step);
  }
  return x;
}

// The maximum over the lanes of a warp, to all of them; NaN is passed over.
__device__ __forceinline__ float warp_max(float x) {
  for (int step = WARP / 2; step > 0; step /= 2) {
    x = fmaxf(x, __shfl_xor_sync(FULL_WARP, x, step));
  }
  return x;
}

// The sum over all threads, to all of them. blockDim.x is a multiple of 32; every thread calls.
__device__ __forceinline__ float block_sum(float x) {
  __shared__ float of_warp[WARP];
  int lane = threadIdx.x % WARP;
  x = warp_sum(x);
  __syncthreads();
  if (lane == 0) {
    of_warp[threadIdx.x / WARP] = x;
  }
  __syncthreads();
  return warp_sum(lane < blockDim.x / WARP ? of_warp[lane] : 0.0f);
}

// The maximum over all threads, to all of them, called as block_sum is; NaN is passed over.
__device__ __forceinline__ float block_max(float x) {
  __shared__ float of_warp[WARP];
  int lane = threadIdx.x % WARP;
  x = warp_max(x);
  __syncthreads();
  if (lane == 0) {
    of_warp[threadIdx.x / WARP] = x;
  }
  __syncthreads();
  return warp_max(lane < blockDim.x / WARP ? of_warp[lane] : -infinity());
}
