// What the attention kernels share: intervals, the bias of scores, dropout of probabilities.
//
// Query row i sees keys start[i] to end[i]. Both arrays are non-decreasing, so a tile of queries
// sees at most keys start[first] to end[last], and a tile of keys is seen by one run of queries.
#pragma once
#include "device.cuh"
#include "random.cuh"

#ifndef HEAD
#define HEAD 64  // values of a head in shared memory; a head of fewer is padded with zeros
#endif
#ifndef BIAS
#define BIAS 0  // whether scores get a relative bias
#endif
#ifndef DROPOUT
#define DROPOUT 0  // whether probabilities are dropped
#endif

constexpr int ATTENTION_THREADS = 128;
constexpr float LOG2_E = 1.4426950408889634f;
constexpr float LN_2 = 0.6931471805599453f;

// Keys `start` to `end`.
struct Interval {
  int start;
  int end;

  __device__ __forceinline__ bool sees(int key) const { return start <= key && key < end; }
};

__device__ __forceinline__ Interval interval_at(const int* start, const int* end, i64 row) {
  return {start[row], end[row]};
}

// How much of a tile of scores is seen, given the intervals of its first and last row.
struct Sight {
  bool any;
  bool all;
};

__device__ __forceinline__ Sight sight(Interval first, Interval last, int key, int keys) {
  return {first.start < key + keys && last.end > key, last.start <= key && first.end >= key + keys};
}

// The first of `count` rows whose value is at least `bound`, or `count`, for non-decreasing values.
// A warp looks at 32 places at a time; all lanes call and get it.
__device__ __forceinline__ i64 lower_bound(const int* value, i64 count, int bound) {
  i64 from = 0;
  i64 to = count;
  while (from < to) {
    i64 step = (to - from + WARP - 1) / WARP;
    i64 place = from + (threadIdx.x % WARP) * step;
    bool below = place < to && value[place] < bound;
    int places = __popc(__ballot_sync(FULL_WARP, below));
    if (places == 0) {
      return from;
    }
    i64 last = from + (places - 1) * step;
    to = last + step < to ? last + step : to;
    from = last + 1;
  }
  return from;
}

// The relative bias of one head, a table of 2 radius + 1 values: that of a query and a key is
// table[clamp(key - query - offset, -radius, radius) + radius].
struct Bias {
  const float* table;
  int radius;
  i64 offset;

  __device__ __forceinline__ int index(i64 query, i64 key) const {
    i64 distance = key - query - offset;
    i64 clamped = distance < -radius ? -radius : distance > radius ? radius : distance;
    return (int)clamped + radius;
  }

  __device__ __forceinline__ float at(i64 query, i64 key) const {
    return __ldg(table + index(query, key));
  }
};

__device__ __forceinline__ Bias bias_of(const float* tables, int head, int radius, i64 offset) {
  return {tables + (i64)head * (2 * (i64)radius + 1), radius, offset};
}
