// The queries that see a tile of keys, and what their products need to know of them.
#pragma once
#include "attention.cuh"

// The first of `count` rows whose value is at least `bound`, or `count`, for non-decreasing values.
// A warp looks at 32 places at a time; all lanes call and get it.
__device__ __forceinline__ int lower_bound(const int* value, int count, int bound) {
  int from = 0;
  int to = count;
  while (from < to) {
    int step = (to - from - 1) / WARP + 1;
    i64 place = from + (i64)(threadIdx.x % WARP) * step;
    bool below = place < to && value[place] < bound;
    int places = __popc(__ballot_sync(FULL_WARP, below));
    if (places == 0) {
      return from;
    }
    int last = from + (places - 1) * step;
    to = to - last > step ? last + step : to;
    from = last + 1;
  }
  return from;
}

// Where the block stands: a head of the group and a tile of the queries from `from` to `to`.
struct Position {
  int head;
  int row;

  __device__ __forceinline__ void advance(int from, int to) {
    row += STEP;
    if (row >= to) {
      row = from;
      head++;
    }
  }
};

// Of STEP queries.
struct QueryTerms {
  float log_sum_exp[STEP];  // in units of log 2
  float delta[STEP];        // sum of dout out
  Interval seen[STEP];
  RandomRow dropout[STEP];
};

// The first threads of a block each load one query.
__device__ __forceinline__ void load_terms(
    QueryTerms& terms,
    Position position,
    const float* log_sum_exp,
    const float* delta,
    const int* start,
    const int* end,
    int queries,
    const ScoreOptions& options) {
  int i = threadIdx.x;
  if (i < STEP) {
    // A row behind the last one sees nothing, however far the keys go.
    int row = position.row + i;
    i64 place = (i64)position.head * queries + row;
    bool there = row < queries;
    terms.seen[i] = there ? Interval{start[row], end[row]} : Interval{0x7fffffff, 0x7fffffff};
    terms.log_sum_exp[i] = there ? log_sum_exp[place] * LOG2_E : infinity();
    terms.delta[i] = there ? delta[place] : 0.0f;
    if (DROPOUT) {
      terms.dropout[i] = options.dropout_of(place);
    }
  }
}
