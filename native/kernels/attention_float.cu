// Attention in float32: the kernels of attention_forward.cu, attention_backward_keys.cu and
// attention_backward_queries.cu, with the same arguments, by multiply-adds instead of tensor cores.
// OWN and STEP are 32, threads 128.
#include "attention_bias.cuh"
#include "attention_queries.cuh"

namespace {

constexpr int PITCH = HEAD + 1;  // floats from row to row of a tile: rows begin in different banks
constexpr int DOWN = 2;          // a thread has rows y and y + 4 of the eight that its warp owns,
constexpr int ACROSS = 4;        // columns x, x + 8, ... of the scores
constexpr int WIDE = HEAD / 8;   // and of a head; eight lanes share its rows

// With y = lane / 8 and x = lane % 8.
__device__ __forceinline__ int own_row(int i) {
  return threadIdx.x / WARP * 8 + threadIdx.x % WARP / 8 + 4 * i;
}

__device__ __forceinline__ int column(int j) { return threadIdx.x % 8 + 8 * j; }

// The sum over the eight lanes that share a row.
__device__ __forceinline__ float row_sum(float x) {
  for (int step = 4; step > 0; step /= 2) {
    x += __shfl_xor_sync(FULL_WARP, x, step);
  }
  return x;
}

__device__ __forceinline__ float row_max(float x) {
  for (int step = 4; step > 0; step /= 2) {
    x = fmaxf(x, __shfl_xor_sync(FULL_WARP, x, step));
  }
  return x;
}

// 32 rows from `first` on; what lies beyond the matrix or the head becomes 0.
__device__ __forceinline__ void load_rows(float* tile, const Rows<float>& x, int first) {
  for (int i = threadIdx.x; i < 32 * HEAD; i += ATTENTION_THREADS) {
    int row = i / HEAD;
    int place = i % HEAD;
    bool there = first + row < x.count && place < x.width;
    tile[row * PITCH + place] = there ? x.data[(i64)(first + row) * x.stride + place] : 0.0f;
  }
}

// Writes factor d for the rows from `first` on; factor 0 gives zeros whatever d is.
__device__ __forceinline__ void store_rows(
    const Rows<float>& x, int first, const float (&d)[DOWN][WIDE], const float (&factor)[DOWN]) {
  for (int i = 0; i < DOWN; i++) {
    int row = first + own_row(i);
    for (int j = 0; j < WIDE; j++) {
      if (row < x.count && column(j) < x.width) {
        x.data[(i64)row * x.stride + column(j)] = factor[i] == 0 ? 0.0f : d[i][j] * factor[i];
      }
    }
  }
}

// s = x y^T, for the block's rows in x and STEP rows in y, of `width` values each.
__device__ __forceinline__ void multiply_transposed(
    float (&s)[DOWN][ACROSS], const float* x, const float* y, int width) {
  for (int i = 0; i < DOWN; i++) {
    for (int j = 0; j < ACROSS; j++) {
      s[i][j] = 0;
    }
  }
#pragma unroll 8
  for (int k = 0; k < width; k++) {
#pragma unroll
    for (int i = 0; i < DOWN; i++) {
#pragma unroll
      for (int j = 0; j < ACROSS; j++) {
        s[i][j] = fmaf(x[own_row(i) * PITCH + k], y[column(j) * PITCH + k], s[i][j]);
      }
    }
  }
}

// Writes scores where the lanes that share their rows, and no others, find them.
__device__ __forceinline__ void share(float* scores, const float (&s)[DOWN][ACROSS]) {
  __syncwarp();
  for (int i = 0; i < DOWN; i++) {
    for (int j = 0; j < ACROSS; j++) {
      scores[own_row(i) * SCORE_PITCH + column(j)] = s[i][j];
    }
  }
  __syncwarp();
}

// d += p x, for shared scores p and STEP rows in x.
__device__ __forceinline__ void add_product(
    float (&d)[DOWN][WIDE], const float* p, const float* x) {
  for (int k = 0; k < STEP; k++) {
#pragma unroll
    for (int i = 0; i < DOWN; i++) {
      float score = p[own_row(i) * SCORE_PITCH + k];
#pragma unroll
      for (int j = 0; j < WIDE; j++) {
        d[i][j] = fmaf(score, x[k * PITCH + column(j)], d[i][j]);
      }
    }
  }
}

__device__ __forceinline__ void clear(float (&d)[DOWN][WIDE]) {
  for (int i = 0; i < DOWN; i++) {
    for (int j = 0; j < WIDE; j++) {
      d[i][j] = 0;
    }
  }
}

// Whether the eight rows of this warp, from `row` on, see any of STEP keys.
__device__ __forceinline__ bool any_seen(
    const int* start, const int* end, int row, int queries, int key) {
  Interval top = interval_at(start, end, row, queries);
  Interval bottom = interval_at(start, end, row + 7, queries);
  return row < queries && sight(top, bottom, key, STEP).any;
}

// The score of a query and a key in units of log 2, from their product.
__device__ __forceinline__ float score_of(
    float product, float scale, const ScoreOptions& options, int query, int key) {
  float score = product * (scale * LOG2_E);
  return BIAS ? fmaf(options.bias_at(options.distance(query, key)), LOG2_E, score) : score;
}

}  // namespace

// As attention_forward. Shared memory 4 (96 (HEAD + 1) + 32 33) bytes. Four blocks at once: left alone, ptxas
// spills for more.
extern "C" __global__ __launch_bounds__(128, 4) void attention_float_forward(
    float* out,
    i64 out_stride,
    float* log_sum_exp,
    const float* q,
    i64 q_stride,
    const float* k,
    i64 k_stride,
    const float* v,
    i64 v_stride,
    const int* start,
    const int* end,
    int queries,
    int keys,
    int group,
    int width,
    float scale,
    const float* bias,
    int radius,
    i64 offset,
    const u32* seed,
    int stream,
    int threshold,
    float kept) {
  extern __shared__ uint4 memory[];
  float* q_tile = (float*)memory;
  float* k_tile = q_tile + OWN * PITCH;
  float* v_tile = k_tile + STEP * PITCH;
  float* scores = v_tile + STEP * PITCH;

  int head = blockIdx.y;
  int first = (int)(gridDim.x - 1 - blockIdx.x) * OWN;
  Rows<float> k_rows = rows_of(k, k_stride, keys, head / group, width);
  Rows<float> v_rows = rows_of(v, v_stride, keys, head / group, width);
  ScoreOptions options =
      score_options(head, bias, radius, offset, seed, stream, threshold, kept);
  load_rows(q_tile, rows_of(q, q_stride, queries, head, width), first);

  float o[DOWN][WIDE];
  clear(o);
  float max[DOWN];
  float sum[DOWN];
  Interval seen[DOWN];
  RandomRow dropout[DOWN];
  for (int i = 0; i < DOWN; i++) {
    max[i] = -infinity();
    sum[i] = 0;
    seen[i] = interval_at(start, end, first + own_row(i), queries);
    if (DROPOUT) {
      dropout[i] = options.dropout_of((i64)head * queries + first + own_row(i));
    }
  }

  int to = interval_at(start, end, first + OWN - 1, queries).end;
  for (int key = start[first]; key < to; key += STEP) {
    __syncthreads();
    load_rows(k_tile, k_rows, key);
    load_rows(v_tile, v_rows, key);
    __syncthreads();
    if (!any_seen(start, end, first + threadIdx.x / WARP * 8, queries, key)) {
      continue;
    }
    float s[DOWN][ACROSS];
    multiply_transposed(s, q_tile, k_tile, width);
#pragma unroll
    for (int i = 0; i < DOWN; i++) {
      float top = max[i];
      for (int j = 0; j < ACROSS; j++) {
        int place = key + column(j);
        bool sees = seen[i].sees(place);
        s[i][j] = sees ? score_of(s[i][j], scale, options, first + own_row(i), place)
                       : -infinity();
        top = fmaxf(top, s[i][j]);
      }
      top = row_max(top);
      float base = top == -infinity() ? 0.0f : top;
      float shrink = exp2_fast(max[i] - base);
      float added = 0;
      for (int j = 0; j < ACROSS; j++) {
        s[i][j] = exp2_fast(s[i][j] - base);
        added += s[i][j];
        if (DROPOUT) {
          s[i][j] *= options.mask(dropout[i], key + column(j));
        }
      }
      for (int j = 0; j < WIDE; j++) {
        o[i][j] *= shrink;
      }
      max[i] = top;
      sum[i] = fmaf(sum[i], shrink, added);
    }
    share(scores, s);
    add_product(o, scores, v_tile);
  }

  float factor[DOWN];
  for (int i = 0; i < DOWN; i++) {
    float total = row_sum(sum[i]);
    int row = first + own_row(i);
    bool empty = seen[i].start >= seen[i].end;
    factor[i] = empty ? 0.0f : 1 / total;
    if (column(0) == 0 && row < queries) {
      log_sum_exp[(i64)head * queries + row] = empty ? infinity() : max[i] * LN_2 + logf(total);
    }
  }
  store_rows(rows_of(out, out_stride, queries, head, width), first, o, factor);
}

// As attention_backward_keys. Shared memory 4 (128 (HEAD + 1) + 32 33) + 24 32 bytes.
extern "C" __global__ __launch_bounds__(128) void attention_float_backward_keys(
    float* dk,
    i64 dk_stride,
    float* dv,
    i64 dv_stride,
    const float* dout,
    i64 dout_stride,
    const float* q,
    i64 q_stride,
    const float* k,
    i64 k_stride,
    const float* v,
    i64 v_stride,
    const float* log_sum_exp,
    const float* delta,
    const int* start,
    const int* end,
    int queries,
    int keys,
    int group,
    int width,
    float scale,
    const float* bias,
    int radius,
    i64 offset,
    const u32* seed,
    int stream,
    int threshold,
    float kept) {
  extern __shared__ uint4 memory[];
  QueryTerms& terms = *(QueryTerms*)memory;
  float* k_tile = (float*)(&terms + 1);
  float* v_tile = k_tile + OWN * PITCH;
  float* q_tile = v_tile + OWN * PITCH;
  float* dout_tile = q_tile + STEP * PITCH;
  float* scores = dout_tile + STEP * PITCH;

  int key_head = blockIdx.y;
  int first = (int)blockIdx.x * OWN;
  load_rows(k_tile, rows_of(k, k_stride, keys, key_head, width), first);
  load_rows(v_tile, rows_of(v, v_stride, keys, key_head, width), first);
  int behind = keys - first > OWN ? first + OWN : keys;
  int from = lower_bound(end, queries, first + 1);
  int to = lower_bound(start, queries, behind);

  float dk_sum[DOWN][WIDE];
  float dv_sum[DOWN][WIDE];
  clear(dk_sum);
  clear(dv_sum);
  int last_head = from < to ? (key_head + 1) * group : 0;
  for (Position here = {key_head * group, from}; here.head < last_head; here.advance(from, to)) {
    ScoreOptions options =
        score_options(here.head, bias, radius, offset, seed, stream, threshold, kept);
    __syncthreads();
    load_rows(q_tile, rows_of(q, q_stride, queries, here.head, width), here.row);
    load_rows(dout_tile, rows_of(dout, dout_stride, queries, here.head, width), here.row);
    load_terms(terms, here, log_sum_exp, delta, start, end, queries, options);
    __syncthreads();
    int key_row = first + (int)threadIdx.x / WARP * 8;
    if (key_row >= keys || !sight(terms.seen[0], terms.seen[STEP - 1], key_row, 8).any) {
      continue;
    }
    float s[DOWN][ACROSS];
    float ds[DOWN][ACROSS];
    multiply_transposed(s, k_tile, q_tile, width);
    multiply_transposed(ds, v_tile, dout_tile, width);
#pragma unroll
    for (int j = 0; j < ACROSS; j++) {
      int place = column(j);
#pragma unroll
      for (int i = 0; i < DOWN; i++) {
        int key = first + own_row(i);
        bool sees = terms.seen[place].sees(key);
        float score = score_of(s[i][j], scale, options, here.row + place, key);
        float p = sees ? exp2_fast(score - terms.log_sum_exp[place]) : 0.0f;
        float mask = DROPOUT ? options.mask(terms.dropout[place], key) : 1.0f;
        s[i][j] = p * mask;
        ds[i][j] = sees ? p * (ds[i][j] * mask - terms.delta[place]) : 0.0f;
      }
    }
    share(scores, s);
    add_product(dv_sum, scores, dout_tile);
    share(scores, ds);
    add_product(dk_sum, scores, q_tile);
  }
  store_rows(rows_of(dk, dk_stride, keys, key_head, width), first, dk_sum, {scale, scale});
  store_rows(rows_of(dv, dv_stride, keys, key_head, width), first, dv_sum, {1.0f, 1.0f});
}

// As attention_backward_queries. Shared memory 4 (128 (HEAD + 1) + 32 33 + 64) bytes.
extern "C" __global__ __launch_bounds__(128) void attention_float_backward_queries(
    float* dq,
    i64 dq_stride,
    const float* dout,
    i64 dout_stride,
    const float* q,
    i64 q_stride,
    const float* k,
    i64 k_stride,
    const float* v,
    i64 v_stride,
    const float* log_sum_exp,
    const float* delta,
    const int* start,
    const int* end,
    int queries,
    int keys,
    int group,
    int width,
    float scale,
    const float* bias,
    int radius,
    i64 offset,
    float* bias_sums,
    const u32* seed,
    int stream,
    int threshold,
    float kept) {
  extern __shared__ uint4 memory[];
  float* q_tile = (float*)memory;
  float* dout_tile = q_tile + OWN * PITCH;
  float* k_tile = dout_tile + OWN * PITCH;
  float* v_tile = k_tile + STEP * PITCH;
  float* scores = v_tile + STEP * PITCH;

  int head = blockIdx.y;
  Rows<float> k_rows = rows_of(k, k_stride, keys, head / group, width);
  Rows<float> v_rows = rows_of(v, v_stride, keys, head / group, width);
  ScoreOptions options =
      score_options(head, bias, radius, offset, seed, stream, threshold, kept);
  bool learn_bias = BIAS && bias_sums != nullptr;
  if (learn_bias) {
    bias_sums = clear_sums(bias_sums, head, radius);
  }

  int tiles = (queries + OWN - 1) / OWN;
  for (int tile = tiles - 1 - (int)blockIdx.x; tile >= 0; tile -= (int)gridDim.x) {
    int first = tile * OWN;
    __syncthreads();
    load_rows(q_tile, rows_of(q, q_stride, queries, head, width), first);
    load_rows(dout_tile, rows_of(dout, dout_stride, queries, head, width), first);
    Interval seen[DOWN];
    float row_log_sum_exp[DOWN];
    float row_delta[DOWN];
    RandomRow dropout[DOWN];
    for (int i = 0; i < DOWN; i++) {
      int row = first + own_row(i);
      i64 place = (i64)head * queries + row;
      seen[i] = row < queries ? Interval{start[row], end[row]} : Interval{0, 0};
      row_log_sum_exp[i] = row < queries ? log_sum_exp[place] * LOG2_E : infinity();
      row_delta[i] = row < queries ? delta[place] : 0.0f;
      if (DROPOUT) {
        dropout[i] = options.dropout_of(place);
      }
    }
    float dq_sum[DOWN][WIDE];
    clear(dq_sum);
    int to = interval_at(start, end, first + OWN - 1, queries).end;
    for (int key = start[first]; key < to; key += STEP) {
      __syncthreads();
      load_rows(k_tile, k_rows, key);
      load_rows(v_tile, v_rows, key);
      __syncthreads();
      bool any = any_seen(start, end, first + threadIdx.x / WARP * 8, queries, key);
      if (any || learn_bias) {
        float ds[DOWN][ACROSS] = {};
        if (any) {
          float s[DOWN][ACROSS];
          multiply_transposed(s, q_tile, k_tile, width);
          multiply_transposed(ds, dout_tile, v_tile, width);
#pragma unroll
          for (int i = 0; i < DOWN; i++) {
            for (int j = 0; j < ACROSS; j++) {
              int place = key + column(j);
              float score = score_of(s[i][j], scale, options, first + own_row(i), place);
              float p = exp2_fast(score - row_log_sum_exp[i]);
              float mask = DROPOUT ? options.mask(dropout[i], place) : 1.0f;
              ds[i][j] = seen[i].sees(place) ? p * (ds[i][j] * mask - row_delta[i]) : 0.0f;
            }
          }
        }
        share(scores, ds);
        if (any) {
          add_product(dq_sum, scores, k_tile);
        }
      }
      if (learn_bias) {
        add_distances(bias_sums, scores, options.distance(first + OWN - 1, key), radius);
      }
    }
    store_rows(rows_of(dq, dq_stride, queries, head, width), first, dq_sum, {scale, scale});
  }
}
