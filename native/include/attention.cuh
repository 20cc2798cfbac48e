// What the attention kernels share: intervals, the bias of scores, dropout of probabilities.
//
// Rows are counted in int: their number and a tile more fit. Query row i sees keys start[i] to end[i]. Both arrays are non-decreasing, so a tile of queries
// sees at most keys start[first] to end[last], and a tile of keys is seen by one run of queries.
#pragma once
#include "device.cuh"
#include "random.cuh"

// What the launcher chooses.
#ifndef HEAD
#define HEAD 64  // values of a head in shared memory; a head of fewer is padded with zeros
#endif
#ifndef OWN
#define OWN 64  // rows that a block owns: queries, or keys where their gradients are computed
#endif
#ifndef STEP
#define STEP 64  // rows of the other side in one step
#endif
#ifndef BIAS
#define BIAS 0  // whether scores get a relative bias
#endif
#ifndef DROPOUT
#define DROPOUT 0  // whether probabilities are dropped
#endif

constexpr int ATTENTION_THREADS = 128;
constexpr int ATTENTION_WARPS = ATTENTION_THREADS / WARP;
constexpr float LOG2_E = 1.4426950408889634f;
constexpr float LN_2 = 0.6931471805599453f;

// One head's columns of a matrix with a row per query or key.
template <typename T>
struct Rows {
  T* data;
  i64 stride;
  int count;
  int width;     // values of the head, at most HEAD
  bool vectors;  // whether 16 bytes from the head's beginning on, and every 16 after, are aligned
};

template <typename T>
__device__ __forceinline__ Rows<T> rows_of(
    const T* matrix, i64 stride, int count, int head, int width) {
  T* data = const_cast<T*>(matrix) + (i64)head * width;
  bool whole = stride % VECTOR<T> == 0 && width % VECTOR<T> == 0;
  return {data, stride, count, width, whole && aligned16(data)};
}

// Keys `start` to `end`.
struct Interval {
  int start;
  int end;

  __device__ __forceinline__ bool sees(int key) const { return start <= key && key < end; }
};

// What a row sees; one behind the last row sees what the last one does.
__device__ __forceinline__ Interval interval_at(
    const int* start, const int* end, int row, int rows) {
  int place = row < rows ? row : rows - 1;
  return {start[place], end[place]};
}

// Whether any, or all, of `count` keys from `key` on are seen by rows of which these are the first
// and the last interval.
struct Sight {
  bool any;
  bool all;
};

__device__ __forceinline__ Sight sight(Interval first, Interval last, int key, int count) {
  return {first.start - key < count && last.end > key,
          last.start <= key && first.end - key >= count};
}

// What the launch says of bias and dropout, for one head.
struct ScoreOptions {
  const float* bias;  // 2 radius + 1 values
  int radius;
  i64 offset;
  u32 seed;
  u32 stream;
  u32 threshold;
  float kept;  // what probabilities that are not dropped are multiplied by

  // How far a key lies behind a query, as the bias counts; int holds it and what is added to it.
  __device__ __forceinline__ int distance(int query, int key) const {
    const i64 most = 1 << 30;
    i64 distance = (i64)key - query - offset;
    return (int)(distance < -most ? -most : distance > most ? most : distance);
  }

  // The bias at a distance.
  __device__ __forceinline__ float bias_at(int distance) const {
    int clamped = distance < -radius ? -radius : distance > radius ? radius : distance;
    return __ldg(bias + clamped + radius);
  }

  // The dropout of one row's probabilities; `row` counts the rows of all heads.
  __device__ __forceinline__ RandomRow dropout_of(i64 row) const {
    return random_row(seed, stream, (u32)row);
  }

  // What the probability of a key is multiplied by.
  __device__ __forceinline__ float mask(RandomRow row, int key) const {
    return row.bits((u32)key) >= threshold ? kept : 0.0f;
  }
};

__device__ __forceinline__ ScoreOptions score_options(
    int head,
    const float* bias,
    int radius,
    i64 offset,
    const u32* seed,
    int stream,
    int threshold,
    float kept) {
  return {BIAS ? bias + head * (2 * (i64)radius + 1) : nullptr,
          radius,
          offset,
          DROPOUT ? *seed : 0,
          (u32)stream,
          (u32)threshold,
          kept};
}
