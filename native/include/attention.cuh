// What the attention kernels share: intervals, the bias of scores, dropout of probabilities.
//
// Query row i sees keys start[i] to end[i]. Both arrays are non-decreasing, so a tile of queries
// sees at most keys start[first] to end[last], and a tile of keys is seen by one run of queries.
#pragma once
#include "device.cuh"
#include "random.cuh"

// What the launcher chooses.
#ifndef HEAD
#define HEAD 64  // values of a head in shared memory; a head of fewer is padded with zeros
#endif
#ifndef BANDS
#define BANDS 1  // a warp owns 16 times as many rows (keys or queries)
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
constexpr int OWN = ATTENTION_WARPS * BANDS * 16;  // rows that a block owns
constexpr float LOG2_E = 1.4426950408889634f;
constexpr float LN_2 = 0.6931471805599453f;

// Keys `start` to `end`.
struct Interval {
  int start;
  int end;

  __device__ __forceinline__ bool sees(int key) const { return start <= key && key < end; }
};

// What a row sees; one behind the last row sees what the last one does.
__device__ __forceinline__ Interval interval_at(
    const int* start, const int* end, i64 row, i64 rows) {
  i64 place = row < rows ? row : rows - 1;
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

// What the launch says of bias and dropout, for one head.
struct ScoreOptions {
  const float* bias;  // 2 radius + 1 values
  int radius;
  i64 offset;
  u32 seed;
  u32 stream;
  u32 threshold;
  float kept;  // what probabilities that are not dropped are multiplied by

  // The bias of a query and a key.
  __device__ __forceinline__ float bias_of(i64 query, i64 key) const {
    i64 distance = key - query - offset;
    i64 clamped = distance < -radius ? -radius : distance > radius ? radius : distance;
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
