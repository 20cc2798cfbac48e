// Gradients of attention with respect to keys and values, in bf16.
#include "attention_queries.cuh"
#include "attention_tile.cuh"

namespace {

// Scores s become what dv is made of, P; dp becomes the gradients of the scores, P (dp - delta).
__device__ __forceinline__ void gradients(
    float (&s)[BANDS][STEP / 8][4],
    float (&dp)[BANDS][STEP / 8][4],
    const QueryTerms& terms,
    const ScoreOptions& options,
    float scale,
    int query,
    int key,
    bool all) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
    for (int i = 0; i < 2; i++) {
      int place = column * 8 + lane % 4 * 2 + i;
      float log_sum_exp = terms.log_sum_exp[place];
      float delta = terms.delta[place];
      int distance = options.distance(query + place, key + lane / 4);
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          int key_row = key + band * 16 + half * 8 + lane / 4;
          float& score = s[band][column][2 * half + i];
          float& gradient = dp[band][column][2 * half + i];
          float shift = -log_sum_exp;
          if (BIAS) {
            shift = fmaf(options.bias_at(distance + band * 16 + half * 8), LOG2_E, shift);
          }
          float p = exp2_fast(fmaf(score, scale * LOG2_E, shift));
          float mask = DROPOUT ? options.mask(terms.dropout[place], key_row) : 1.0f;
          gradient = p * (gradient * mask - delta);
          score = p * mask;
          if (!all && !terms.seen[place].sees(key_row)) {
            gradient = 0;
            score = 0;
          }
        }
      }
    }
  }
}

}  // namespace

// dv = P^T dout, dk = scale dS^T q, with P = exp(scale q k^T + bias - log_sum_exp) and
// dS = P (dout v^T - delta); dropout multiplies P before dv, and dout v^T, by its mask.
//
// A block owns OWN keys of a key head (a multiple of 64), a warp a quarter of them. The queries that see these
// are one run of rows; the block goes over them STEP at a time, for one head of the group after the
// other, so sums have a fixed order. Scores are computed transposed, keys by queries: as they come out
// of one product they go into the next.
//
//   dk, dv, k, v  keys x gridDim.y key heads of `width` <= HEAD values; any alignment and stride
//   dout, q       queries x (group key heads) heads
//   log_sum_exp, delta  float, heads x queries; delta is what attention_delta gives
//   other arguments as in attention_forward
//
// Grid (ceil(keys / OWN), key heads), 128 threads, shared memory
// (2 OWN + 4 STEP) (HEAD + 8) 2 + 48 STEP bytes. Moves dk, dv, k, v and, for every block, the q and
// dout that see it.
extern "C" __global__ __launch_bounds__(128) void attention_backward_keys(
    bf16* dk,
    i64 dk_stride,
    bf16* dv,
    i64 dv_stride,
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
    const u32* seed,
    int stream,
    int threshold,
    float kept) {
  extern __shared__ uint4 memory[];
  bf16* k_tile = (bf16*)memory;
  bf16* v_tile = k_tile + OWN * PITCH;
  bf16* q_tile = v_tile + OWN * PITCH;  // two of these and of what follows
  bf16* dout_tile = q_tile + 2 * STEP * PITCH;
  QueryTerms* terms = (QueryTerms*)(dout_tile + 2 * STEP * PITCH);

  int key_head = blockIdx.y;
  int first = (int)blockIdx.x * OWN;
  load_rows<OWN>(k_tile, rows_of(k, k_stride, keys, key_head, width), first);
  load_rows<OWN>(v_tile, rows_of(v, v_stride, keys, key_head, width), first);
  cp_async_commit();

  int behind = keys - first > OWN ? first + OWN : keys;
  int from = lower_bound(end, queries, first + 1);
  int to = lower_bound(start, queries, behind);
  i64 steps = from < to ? (i64)((to - from - 1) / STEP + 1) * group : 0;

  auto options_of = [&](int head) {
    return score_options(head, bias, radius, offset, seed, stream, threshold, kept);
  };
  auto load = [&](Position p, int turn) {
    load_rows<STEP>(
        q_tile + turn * STEP * PITCH, rows_of(q, q_stride, queries, p.head, width), p.row);
    load_rows<STEP>(
        dout_tile + turn * STEP * PITCH, rows_of(dout, dout_stride, queries, p.head, width), p.row);
    cp_async_commit();
    load_terms(
        terms[turn], p, log_sum_exp, delta, start, end, queries, options_of(p.head));
  };
  Position here = {key_head * group, from};
  Position ahead = here;
  if (steps > 0) {
    load(ahead, 0);
  }

  int own = threadIdx.x / WARP * BANDS * 16;
  int key = first + own;
  float dk_sum[BANDS][HEAD / 8][4];
  float dv_sum[BANDS][HEAD / 8][4];
  clear(dk_sum);
  clear(dv_sum);
  for (i64 step = 0; step < steps; step++) {
    int turn = (int)(step % 2);
    cp_async_wait<0>();
    __syncthreads();
    if (step + 1 < steps) {
      ahead.advance(from, to);
      load(ahead, 1 - turn);
    }
    const QueryTerms& rows = terms[turn];
    Sight seen = sight(rows.seen[0], rows.seen[STEP - 1], key, BANDS * 16);
    if (seen.any && key < keys) {
      const bf16* q_rows = q_tile + turn * STEP * PITCH;
      const bf16* dout_rows = dout_tile + turn * STEP * PITCH;
      float s[BANDS][STEP / 8][4];
      float dp[BANDS][STEP / 8][4];
      multiply_transposed(s, k_tile + own * PITCH, q_rows);
      multiply_transposed(dp, v_tile + own * PITCH, dout_rows);
      gradients(s, dp, rows, options_of(here.head), scale, here.row, key, seen.all);
      add_product(dv_sum, s, dout_rows);
      add_product(dk_sum, dp, q_rows);
    }
    here = ahead;
  }

  cp_async_wait<0>();
  __syncthreads();
  write_tile(k_tile + own * PITCH, dk_sum, scale);
  write_tile(v_tile + own * PITCH, dv_sum, 1.0f);
  __syncthreads();
  store_rows<OWN>(rows_of(dk, dk_stride, keys, key_head, width), first, k_tile);
  store_rows<OWN>(rows_of(dv, dv_stride, keys, key_head, width), first, v_tile);
}
