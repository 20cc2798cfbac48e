// Gradients of attention with respect to queries and the relative bias, in bf16.
#include "attention_bias.cuh"
#include "attention_tile.cuh"

namespace {

// What the products need to know of a thread's two rows of each band.
struct RowTerms {
  Interval seen[BANDS][2];
  float log_sum_exp[BANDS][2];  // in units of log 2
  float delta[BANDS][2];
  RandomRow dropout[BANDS][2];
};

// dp becomes the gradients of the scores s: P (dp - delta).
__device__ __forceinline__ void gradients(
    const float (&s)[BANDS][STEP / 8][4],
    float (&dp)[BANDS][STEP / 8][4],
    const RowTerms& terms,
    const ScoreOptions& options,
    float scale,
    int row,
    int key,
    bool all) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int distance =
          options.distance(row + band * 16 + half * 8 + lane / 4, key + lane % 4 * 2);
      Interval seen = terms.seen[band][half];
      Interval here = {seen.start - key, seen.end - key};
#pragma unroll
      for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          int place = column * 8 + lane % 4 * 2 + i;
          float& gradient = dp[band][column][2 * half + i];
          float shift = -terms.log_sum_exp[band][half];
          if (BIAS) {
            shift = fmaf(options.bias_at(distance + column * 8 + i), LOG2_E, shift);
          }
          float p = exp2_fast(fmaf(s[band][column][2 * half + i], scale * LOG2_E, shift));
          if (DROPOUT) {
            gradient *= options.mask(terms.dropout[band][half], key + place);
          }
          gradient = p * (gradient - terms.delta[band][half]);
          if (!all && !here.sees(place)) {
            gradient = 0;
          }
        }
      }
    }
  }
}

// Puts a warp's gradients of scores where add_distances finds them; zeros if `none`.
__device__ __forceinline__ void write_gradients(
    float* scores, const float (&ds)[BANDS][STEP / 8][4], int own, bool none) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        int row = own + band * 16 + i / 2 * 8 + lane / 4;
        scores[row * SCORE_PITCH + column * 8 + lane % 4 * 2 + i % 2] =
            none ? 0.0f : ds[band][column][i];
      }
    }
  }
}

}  // namespace

// dq = scale dS k, with dS as in attention_backward_keys; and the sums of dS by distance.
//
// A block owns OWN queries of a head, as in attention_forward, and computes what it sees
// again. With a bias to be learned there are fewer blocks than tiles: each takes every gridDim.x-th
// tile and keeps its sums, which attention_bias_sum adds up in order.
//
//   dq, dout, q  queries x gridDim.y heads of `width` <= HEAD values; any alignment and stride
//   k, v         keys x (heads / group) key heads
//   bias_sums    float, heads x gridDim.x x (2 radius + 1); null for none
//   other arguments as in attention_backward_keys
//
// Grid (ceil(queries / OWN) or fewer, heads), 128 threads, shared memory
// (2 OWN + 4 STEP) (HEAD + 8) 2 bytes, and with bias_sums 4 (OWN (STEP + 1) + OWN + STEP) more.
// Moves dq, dout, q and, for every block, the keys and values that it sees.
extern "C" __global__ __launch_bounds__(128) void attention_backward_queries(
    bf16* dq,
    i64 dq_stride,
    const bf16* dout,
    i64 dout_stride,
    const bf16* q,
    i64 q_stride,
    const bf16* k,
    i64 k_stride,
    const bf16* v,
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
  bf16* q_tile = (bf16*)memory;
  bf16* dout_tile = q_tile + OWN * PITCH;
  bf16* k_tile = dout_tile + OWN * PITCH;  // two of them
  bf16* v_tile = k_tile + 2 * STEP * PITCH;
  float* scores = (float*)(v_tile + 2 * STEP * PITCH);

  int head = blockIdx.y;
  Rows<bf16> q_rows = rows_of(q, q_stride, queries, head, width);
  Rows<bf16> dout_rows = rows_of(dout, dout_stride, queries, head, width);
  Rows<bf16> k_rows = rows_of(k, k_stride, keys, head / group, width);
  Rows<bf16> v_rows = rows_of(v, v_stride, keys, head / group, width);
  ScoreOptions options =
      score_options(head, bias, radius, offset, seed, stream, threshold, kept);
  bool learn_bias = BIAS && bias_sums != nullptr;
  if (learn_bias) {
    bias_sums = clear_sums(bias_sums, head, radius);
  }

  int lane = threadIdx.x % WARP;
  int own = threadIdx.x / WARP * BANDS * 16;
  int tiles = (queries + OWN - 1) / OWN;
  for (int tile = tiles - 1 - (int)blockIdx.x; tile >= 0; tile -= (int)gridDim.x) {
    int first = tile * OWN;
    int from = start[first];
    int to = interval_at(start, end, first + OWN - 1, queries).end;
    load_rows<OWN>(q_tile, q_rows, first);
    load_rows<OWN>(dout_tile, dout_rows, first);
    if (from < to) {
      load_rows<STEP>(k_tile, k_rows, from);
      load_rows<STEP>(v_tile, v_rows, from);
    }
    cp_async_commit();

    int row = first + own;
    Interval top = interval_at(start, end, row, queries);
    Interval bottom = interval_at(start, end, row + BANDS * 16 - 1, queries);
    RowTerms terms;
    for (int band = 0; band < BANDS; band++) {
      for (int half = 0; half < 2; half++) {
        int query = row + band * 16 + half * 8 + lane / 4;
        i64 place = (i64)head * queries + query;
        bool there = query < queries;
        terms.seen[band][half] = interval_at(start, end, query, queries);
        terms.log_sum_exp[band][half] = there ? log_sum_exp[place] * LOG2_E : infinity();
        terms.delta[band][half] = there ? delta[place] : 0.0f;
        if (DROPOUT) {
          terms.dropout[band][half] = options.dropout_of(place);
        }
      }
    }

    float dq_sum[BANDS][HEAD / 8][4];
    clear(dq_sum);
    int steps = (int)(((i64)to - from + STEP - 1) / STEP);
    for (int step = 0; step < steps; step++) {
      int key = from + step * STEP;
      int turn = step % 2;
      cp_async_wait<0>();
      __syncthreads();
      if (step + 1 < steps) {
        load_rows<STEP>(k_tile + (1 - turn) * STEP * PITCH, k_rows, key + STEP);
        load_rows<STEP>(v_tile + (1 - turn) * STEP * PITCH, v_rows, key + STEP);
        cp_async_commit();
      }
      Sight seen = sight(top, bottom, key, STEP);
      bool any = seen.any && row < queries;
      float s[BANDS][STEP / 8][4];
      float dp[BANDS][STEP / 8][4];
      if (any) {
        multiply_transposed(s, q_tile + own * PITCH, k_tile + turn * STEP * PITCH);
        multiply_transposed(dp, dout_tile + own * PITCH, v_tile + turn * STEP * PITCH);
        gradients(s, dp, terms, options, scale, row, key, seen.all);
        add_product(dq_sum, dp, k_tile + turn * STEP * PITCH);
      }
      if (learn_bias) {
        write_gradients(scores, dp, own, !any);
        add_distances(bias_sums, scores, options.distance(first + OWN - 1, key), radius);
      }
    }

    cp_async_wait<0>();
    __syncthreads();
    write_tile(q_tile + own * PITCH, dq_sum, scale);
    __syncthreads();
    store_rows<OWN>(rows_of(dq, dq_stride, queries, head, width), first, q_tile);
    __syncthreads();
  }
}
