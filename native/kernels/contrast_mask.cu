// Which pairs of queries and keys are no negatives: -infinity over their scores.
#include "device.cuh"

constexpr int ROWS = 4;
constexpr int NO_GROUP = -1;

// limit = p - margin, or p - |p| margin if relative, for the guide's similarity p of each positive.
//
// Grid one block per 4 queries, 128 threads: a warp each. Reads a row of queries and of keys for each.
extern "C" __global__ __launch_bounds__(128) void guide_limits(
    float* limit, const REAL* __restrict__ queries, i64 query_stride, const REAL* __restrict__ keys,
    i64 key_stride, i64 rows, i64 cols, float margin, int relative) {
  i64 i = (i64)blockIdx.x * ROWS + threadIdx.x / WARP;
  int lane = threadIdx.x % WARP;
  float sum = 0;
  for (i64 c = lane; c < cols && i < rows; c += WARP) {
    sum = fmaf(to_float(queries[i * query_stride + c]), to_float(keys[i * key_stride + c]), sum);
  }
  float positive = warp_sum(sum);
  if (lane == 0 && i < rows) {
    limit[i] = positive - (relative != 0 ? fabsf(positive) * margin : margin);
  }
}

// Whether `key` is among the sorted columns[start..end).
__device__ __forceinline__ bool listed(const int* __restrict__ columns, i64 start, i64 end, i64 key) {
  while (start < end) {
    i64 middle = (start + end) / 2;
    int column = columns[middle];
    if (column == key) {
      return true;
    }
    if (column < key) {
      start = middle + 1;
    } else {
      end = middle;
    }
  }
  return false;
}

__device__ __forceinline__ i64 clamped(i64 x, i64 most) { return x < 0 ? 0 : x > most ? most : x; }

// Masks a tile of scores, whose first query and key are `row` and `col`, by the rules whose pointers are
// not null. Masked are pairs off the diagonal of one group; pairs among the exceptions, rows of columns
// in compressed form; and pairs whose guide similarity exceeds the limit of the query's positive. If
// `both`, similarities are replaced by what keys see: the scores where the similarity does not exceed
// the limit of the key's positive.
//
// Grid rows of the tile, 256 threads. Reads what the rules need, writes masked scores.
extern "C" __global__ __launch_bounds__(256) void contrast_mask(
    float* scores, float* guide, i64 stride, i64 cols, i64 row, i64 col, i64 queries,
    const int* __restrict__ query_groups, const int* __restrict__ key_groups,
    const int* __restrict__ row_starts, const int* __restrict__ columns, i64 listed_columns,
    const float* __restrict__ limit, int both) {
  float* z = scores + blockIdx.x * stride;
  float* g = guide == nullptr ? nullptr : guide + blockIdx.x * stride;
  i64 query = row + blockIdx.x;
  int group = query_groups == nullptr ? NO_GROUP : query_groups[query];
  i64 start = row_starts == nullptr ? 0 : clamped(row_starts[query], listed_columns);
  i64 end = row_starts == nullptr ? 0 : clamped(row_starts[query + 1], listed_columns);
  for (i64 j = threadIdx.x; j < cols; j += blockDim.x) {
    i64 key = col + j;
    bool own = key == query;
    bool masked = !own && ((group != NO_GROUP && key_groups[key] == group) || listed(columns, start, end, key));
    bool hidden = masked;
    if (g != nullptr) {
      float similarity = g[j];
      hidden = hidden || (!own && similarity > limit[query]);
      if (both != 0) {
        bool from_key = masked || (!own && key < queries && similarity > limit[key]);
        g[j] = from_key ? -infinity() : z[j];
      }
    }
    if (hidden) {
      z[j] = -infinity();
    }
  }
}
