// The kernel side of the CUDA device in software: what NVRTC knows by itself (the built-ins of CUDA C++), and the chip's primitives that
// device.cuh wraps in PTX on a chip. The engine includes it before every .cu file; it includes nothing, so no standard header leaks.
//
// A thread of a block is a fibre. What threads do together (barriers, shuffles, votes, matrix instructions) goes into the engine, which
// checks that they agree; loads and stores are seen by the engine through the compiler's thread-sanitizer callbacks.
#pragma once

#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))
// nvcc takes `__shared__ alignas(16) float x[4]`; C++ takes a standard attribute there before the whole declaration only.
#define alignas(bytes) __attribute__((aligned(bytes)))

// Vector types

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) int2 {
  int x, y;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) int4 {
  int x, y, z, w;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

constexpr int2 make_int2(int x, int y) { return {x, y}; }
constexpr uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
constexpr float2 make_float2(float x, float y) { return {x, y}; }
constexpr int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
constexpr uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
constexpr float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// Where a thread stands. Each fibre's stack is an aligned block of softgpu_stack_bytes; at its upper end lies the thread's record, moved by a
// multiple of 128 bytes that differs among the lanes of a warp, so that they do not fight for the same lines of the cache.

constexpr unsigned long softgpu_stack_bytes = 1 << 16;
constexpr unsigned long softgpu_record_bytes = 512;

__forceinline__ void* softgpu_thread() {
  unsigned long base = (unsigned long)__builtin_frame_address(0) & ~(softgpu_stack_bytes - 1);
  return (void*)(base + softgpu_stack_bytes - softgpu_record_bytes - (base / softgpu_stack_bytes % 32) * 128);
}

// Four uint3 begin the record: threadIdx, blockIdx, blockDim, gridDim. In assembly, so that the checker is not asked about each.
template <int Which>
__forceinline__ unsigned softgpu_index() {
  unsigned* at = (unsigned*)softgpu_thread() + Which;
#ifdef __x86_64__
  unsigned value;
  asm("movl %1, %0" : "=r"(value) : "m"(*at));
  return value;
#else
  return *at;
#endif
}

template <int Which>
__forceinline__ uint3 softgpu_index3() {
  return {softgpu_index<3 * Which>(), softgpu_index<3 * Which + 1>(), softgpu_index<3 * Which + 2>()};
}

#define threadIdx (softgpu_index3<0>())
#define blockIdx (softgpu_index3<1>())
#define blockDim (softgpu_index3<2>())
#define gridDim (softgpu_index3<3>())
constexpr int warpSize = 32;

// The engine's entries

// The place of a call in a kernel, by which the engine tells two calls apart and names them.
#define SOFTGPU_CALLER const char *file = __builtin_FILE(), int line = __builtin_LINE()

struct softgpu_floats {
  float v[4];
};
struct softgpu_words {
  unsigned v[4];
};

extern "C" {
int softgpu_barrier(int predicate, int reduction, const char* file, int line);
void softgpu_warp_barrier(unsigned mask, const char* file, int line);
unsigned long long softgpu_shuffle(unsigned mask, unsigned long long value, int kind_and_width, int lane, const char* file, int line);
unsigned softgpu_vote(unsigned mask, int predicate, const char* file, int line);
unsigned softgpu_reduce(unsigned mask, unsigned value, int operation, const char* file, int line);
softgpu_floats softgpu_mma(unsigned a0, unsigned a1, unsigned a2, unsigned a3, unsigned b0, unsigned b1, float d0, float d1, float d2, float d3,
                           const char* file, int line);
softgpu_words softgpu_ldmatrix(const void* row, int matrices, int transposed, const char* file, int line);
void softgpu_cp_async(void* shared, const void* global, int bytes, const char* file, int line);
void softgpu_cp_async_commit();
void softgpu_cp_async_wait(int groups);
unsigned softgpu_atomic32(int operation, unsigned* at, unsigned value, unsigned compare, const char* file, int line);
unsigned long long softgpu_atomic64(int operation, unsigned long long* at, unsigned long long value, unsigned long long compare,
                                    const char* file, int line);
void softgpu_fence();
[[noreturn]] void softgpu_trap(const char* file, int line);
}

// Barriers

__forceinline__ void __syncthreads(SOFTGPU_CALLER) { softgpu_barrier(0, 0, file, line); }
__forceinline__ int __syncthreads_count(int predicate, SOFTGPU_CALLER) {
  return softgpu_barrier(predicate != 0, 1, file, line);
}
__forceinline__ int __syncthreads_or(int predicate, SOFTGPU_CALLER) {
  return softgpu_barrier(predicate != 0, 2, file, line);
}
__forceinline__ int __syncthreads_and(int predicate, SOFTGPU_CALLER) {
  return softgpu_barrier(predicate != 0, 3, file, line);
}
__forceinline__ void __syncwarp(unsigned mask = 0xffffffffu, SOFTGPU_CALLER) { softgpu_warp_barrier(mask, file, line); }
__forceinline__ void __threadfence() { softgpu_fence(); }
__forceinline__ void __threadfence_block() {}
__forceinline__ void __trap(SOFTGPU_CALLER) { softgpu_trap(file, line); }

// Shuffles of 4 or 8 bytes

template <class T>
__forceinline__ T softgpu_shuffle_value(unsigned mask, T value, int kind, int lane, int width, const char* file, int line) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8, "a shuffle moves 4 or 8 bytes");
  if constexpr (sizeof(T) == 4) {
    return __builtin_bit_cast(T, (unsigned)softgpu_shuffle(mask, __builtin_bit_cast(unsigned, value), kind << 8 | width, lane, file, line));
  } else {
    return __builtin_bit_cast(T, softgpu_shuffle(mask, __builtin_bit_cast(unsigned long long, value), kind << 8 | width, lane, file, line));
  }
}

template <class T>
__forceinline__ T __shfl_sync(unsigned mask, T value, int lane, int width = 32, SOFTGPU_CALLER) {
  return softgpu_shuffle_value(mask, value, 0, lane, width, file, line);
}
template <class T>
__forceinline__ T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, SOFTGPU_CALLER) {
  return softgpu_shuffle_value(mask, value, 1, (int)delta, width, file, line);
}
template <class T>
__forceinline__ T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, SOFTGPU_CALLER) {
  return softgpu_shuffle_value(mask, value, 2, (int)delta, width, file, line);
}
template <class T>
__forceinline__ T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32, SOFTGPU_CALLER) {
  return softgpu_shuffle_value(mask, value, 3, lanes, width, file, line);
}

// Votes and integer reductions of a warp

__forceinline__ unsigned __ballot_sync(unsigned mask, int predicate, SOFTGPU_CALLER) {
  return softgpu_vote(mask, predicate != 0, file, line);
}
__forceinline__ int __any_sync(unsigned mask, int predicate, SOFTGPU_CALLER) {
  return softgpu_vote(mask, predicate != 0, file, line) != 0;
}
__forceinline__ int __all_sync(unsigned mask, int predicate, SOFTGPU_CALLER) {
  return softgpu_vote(mask, predicate != 0, file, line) == mask;
}
__forceinline__ unsigned __reduce_add_sync(unsigned mask, unsigned value, SOFTGPU_CALLER) {
  return softgpu_reduce(mask, value, 0, file, line);
}
__forceinline__ unsigned __reduce_max_sync(unsigned mask, unsigned value, SOFTGPU_CALLER) {
  return softgpu_reduce(mask, value, 1, file, line);
}
__forceinline__ unsigned __reduce_min_sync(unsigned mask, unsigned value, SOFTGPU_CALLER) {
  return softgpu_reduce(mask, value, 2, file, line);
}

// Atomics on integers; floats are left out on purpose: their order would not be fixed

#define SOFTGPU_ATOMIC(name, type, word, bits, operation)                                                                   \
  __forceinline__ type name(type* at, type value, SOFTGPU_CALLER) {                                                         \
    return (type)softgpu_atomic##bits(operation, (word*)at, (word)value, 0, file, line);                           \
  }
#define SOFTGPU_ATOMICS(type, word, bits, maximum, minimum)                                                                 \
  SOFTGPU_ATOMIC(atomicAdd, type, word, bits, 0)                                                                            \
  SOFTGPU_ATOMIC(atomicExch, type, word, bits, 1)                                                                           \
  SOFTGPU_ATOMIC(atomicMax, type, word, bits, maximum)                                                                      \
  SOFTGPU_ATOMIC(atomicMin, type, word, bits, minimum)                                                                      \
  SOFTGPU_ATOMIC(atomicAnd, type, word, bits, 6)                                                                            \
  SOFTGPU_ATOMIC(atomicOr, type, word, bits, 7)                                                                             \
  SOFTGPU_ATOMIC(atomicXor, type, word, bits, 8)                                                                            \
  __forceinline__ type atomicCAS(type* at, type compare, type value, SOFTGPU_CALLER) {                                      \
    return (type)softgpu_atomic##bits(9, (word*)at, (word)value, (word)compare, file, line);                 \
  }
SOFTGPU_ATOMICS(unsigned, unsigned, 32, 2, 3)
SOFTGPU_ATOMICS(int, unsigned, 32, 4, 5)
SOFTGPU_ATOMICS(unsigned long long, unsigned long long, 64, 2, 3)
SOFTGPU_ATOMIC(atomicSub, unsigned, unsigned, 32, 10)
SOFTGPU_ATOMIC(atomicSub, int, unsigned, 32, 10)
SOFTGPU_ATOMIC(atomicInc, unsigned, unsigned, 32, 11)
#undef SOFTGPU_ATOMICS
#undef SOFTGPU_ATOMIC

// Arithmetic

extern "C" {
float expf(float) noexcept;
float exp2f(float) noexcept;
float expm1f(float) noexcept;
float logf(float) noexcept;
float log2f(float) noexcept;
float log1pf(float) noexcept;
float sqrtf(float) noexcept;
float tanhf(float) noexcept;
float erff(float) noexcept;
float powf(float, float) noexcept;
float sinf(float) noexcept;
float cosf(float) noexcept;
float fmaf(float, float, float) noexcept;
float fabsf(float) noexcept;
float floorf(float) noexcept;
float ceilf(float) noexcept;
float rintf(float) noexcept;
float truncf(float) noexcept;
}

// A NaN beside a number gives the number, as on the chip.
__forceinline__ float softgpu_max(float a, float b) { return a > b || b != b ? a : b; }
__forceinline__ float softgpu_min(float a, float b) { return a < b || b != b ? a : b; }
#define fmaxf softgpu_max
#define fminf softgpu_min

__forceinline__ float rsqrtf(float x) { return 1.0f / sqrtf(x); }
__forceinline__ float __expf(float x) { return expf(x); }
__forceinline__ float __logf(float x) { return logf(x); }
__forceinline__ float __log2f(float x) { return log2f(x); }
__forceinline__ float __fdividef(float a, float b) { return a / b; }
__forceinline__ float __frcp_rn(float x) { return 1.0f / x; }
__forceinline__ float __fsqrt_rn(float x) { return sqrtf(x); }
__forceinline__ float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
__forceinline__ float __fmul_rn(float a, float b) { return a * b; }
__forceinline__ float __fadd_rn(float a, float b) { return a + b; }

__forceinline__ unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
__forceinline__ float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
__forceinline__ int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
__forceinline__ float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
__forceinline__ int __popc(unsigned x) { return __builtin_popcount(x); }
__forceinline__ int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
__forceinline__ int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
__forceinline__ int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll((unsigned long long)x); }
__forceinline__ int __ffs(int x) { return __builtin_ffs(x); }
__forceinline__ unsigned __brev(unsigned x) {
  x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
  x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
  x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
  return __builtin_bswap32(x);
}
__forceinline__ unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
__forceinline__ unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)((unsigned __int128)a * b >> 64);
}

#define SOFTGPU_MIN_MAX(type)                                               \
  constexpr type min(type a, type b) { return b < a ? b : a; }              \
  constexpr type max(type a, type b) { return a < b ? b : a; }
SOFTGPU_MIN_MAX(int)
SOFTGPU_MIN_MAX(unsigned)
SOFTGPU_MIN_MAX(long long)
SOFTGPU_MIN_MAX(unsigned long long)
#undef SOFTGPU_MIN_MAX
__forceinline__ float max(float a, float b) { return softgpu_max(a, b); }
__forceinline__ float min(float a, float b) { return softgpu_min(a, b); }

template <class T>
__forceinline__ T __ldg(const T* p) {
  return *p;
}

// The chip's primitives; device.cuh describes the fragments.

__forceinline__ void mma_bf16(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2], SOFTGPU_CALLER) {
  softgpu_floats r = softgpu_mma(a[0], a[1], a[2], a[3], b[0], b[1], d[0], d[1], d[2], d[3], file, line);
  d[0] = r.v[0];
  d[1] = r.v[1];
  d[2] = r.v[2];
  d[3] = r.v[3];
}

template <int Matrices>
__forceinline__ void softgpu_load_matrices(unsigned (&r)[Matrices], const void* row, int transposed, const char* file, int line) {
  softgpu_words w = softgpu_ldmatrix(row, Matrices, transposed, file, line);
  for (int i = 0; i < Matrices; i++) {
    r[i] = w.v[i];
  }
}
__forceinline__ void ldmatrix_x4(unsigned (&r)[4], const void* row, SOFTGPU_CALLER) {
  softgpu_load_matrices(r, row, 0, file, line);
}
__forceinline__ void ldmatrix_x4_trans(unsigned (&r)[4], const void* row, SOFTGPU_CALLER) {
  softgpu_load_matrices(r, row, 1, file, line);
}
__forceinline__ void ldmatrix_x2(unsigned (&r)[2], const void* row, SOFTGPU_CALLER) {
  softgpu_load_matrices(r, row, 0, file, line);
}
__forceinline__ void ldmatrix_x2_trans(unsigned (&r)[2], const void* row, SOFTGPU_CALLER) {
  softgpu_load_matrices(r, row, 1, file, line);
}

__forceinline__ void cp_async16(void* shared, const void* global, int bytes, SOFTGPU_CALLER) {
  softgpu_cp_async(shared, global, bytes, file, line);
}
__forceinline__ void cp_async_commit() { softgpu_cp_async_commit(); }
template <int N>
__forceinline__ void cp_async_wait() {
  softgpu_cp_async_wait(N);
}

// What the engine reads of a program: a table of its kernels, made of the functions' types

struct softgpu_kernel {
  const char* name;
  void (*run)(const unsigned char* parameters);
  int parameters;
  const unsigned long* sizes;
  const unsigned long* alignments;
  int max_threads;
};

// Where parameter `index` lies: each at the next multiple of its alignment, as nvcc lays them out.
constexpr unsigned long softgpu_offset(const unsigned long* sizes, const unsigned long* alignments, int index) {
  unsigned long offset = 0;
  for (int i = 0; i < index; i++) {
    offset = (offset + alignments[i] - 1) / alignments[i] * alignments[i] + sizes[i];
  }
  return (offset + alignments[index] - 1) / alignments[index] * alignments[index];
}

template <auto Function>
struct softgpu_entry;

template <class... P, void (*Function)(P...)>
struct softgpu_entry<Function> {
  static constexpr unsigned long sizes[] = {sizeof(P)..., 0};
  static constexpr unsigned long alignments[] = {alignof(P)..., 1};

  template <int... I>
  struct Indices {};

  template <int... I>
  __attribute__((no_sanitize("thread"))) static void call(const unsigned char* p, Indices<I...>) {
    Function(*(const P*)(p + softgpu_offset(sizes, alignments, I))...);
  }

  __attribute__((no_sanitize("thread"))) static void run(const unsigned char* p) { call(p, Indices<__integer_pack(sizeof...(P))...>{}); }

  static constexpr softgpu_kernel describe(const char* name, int max_threads) {
    return {name, run, sizeof...(P), sizes, alignments, max_threads};
  }
};

constexpr int softgpu_first(int first, ...) { return first; }
