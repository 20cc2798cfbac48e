// Attention forward in bf16 (Dao et al. 2022, arXiv:2205.14135; Dao 2023, arXiv:2307.08691).
#include "attention_tile.cuh"

namespace {

// A thread's two rows of each band: g and g + 8, with g = lane / 4. Four lanes share a row.
struct Softmax {
  Interval seen[BANDS][2];
  RandomRow dropout[BANDS][2];
  float max[BANDS][2];  // of the scores before `unit`
  float sum[BANDS][2];  // of the exponentials in this thread's columns
};

// Scores become scale q k^T + bias, in units of log 2.
__device__ __forceinline__ void add_bias(
    float (&s)[BANDS][STEP / 8][4], const ScoreOptions& options, float scale, int row, int key) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      int distance =
          options.distance(row + band * 16 + half * 8 + lane / 4, key + lane % 4 * 2);
#pragma unroll
      for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          float& score = s[band][column][2 * half + i];
          float bias = options.bias_at(distance + column * 8 + i);
          score = fmaf(score, scale * LOG2_E, bias * LOG2_E);
        }
      }
    }
  }
}

// What a row does not see becomes -infinity.
__device__ __forceinline__ void hide(
    float (&s)[BANDS][STEP / 8][4], const Softmax& softmax, int key) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      Interval seen = softmax.seen[band][half];
      Interval here = {seen.start - key, seen.end - key};
#pragma unroll
      for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          if (!here.sees(column * 8 + lane % 4 * 2 + i)) {
            s[band][column][2 * half + i] = -infinity();
          }
        }
      }
    }
  }
}

// Scores become exp2(unit (score - max)); the maximum may grow, then o and the sums shrink.
__device__ __forceinline__ void exponentials(
    float (&s)[BANDS][STEP / 8][4], float (&o)[BANDS][HEAD / 8][4], Softmax& softmax, float unit) {
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float max = softmax.max[band][half];
#pragma unroll
      for (int column = 0; column < STEP / 8; column++) {
        max = fmaxf(max, fmaxf(s[band][column][2 * half], s[band][column][2 * half + 1]));
      }
      max = fmaxf(max, __shfl_xor_sync(FULL_WARP, max, 1));
      max = fmaxf(max, __shfl_xor_sync(FULL_WARP, max, 2));
      float base = max == -infinity() ? 0.0f : max * unit;
      float shrink = exp2_fast(fmaf(softmax.max[band][half], unit, -base));
      float sum = 0;
#pragma unroll
      for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
          float p = exp2_fast(fmaf(s[band][column][2 * half + i], unit, -base));
          s[band][column][2 * half + i] = p;
          sum += p;
        }
      }
#pragma unroll
      for (int column = 0; column < HEAD / 8; column++) {
        o[band][column][2 * half] *= shrink;
        o[band][column][2 * half + 1] *= shrink;
      }
      softmax.max[band][half] = max;
      softmax.sum[band][half] = fmaf(softmax.sum[band][half], shrink, sum);
    }
  }
}

__device__ __forceinline__ void drop(
    float (&p)[BANDS][STEP / 8][4], const Softmax& softmax, const ScoreOptions& options, int key) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int column = 0; column < STEP / 8; column++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        p[band][column][i] *= options.mask(
            softmax.dropout[band][i / 2], key + column * 8 + lane % 4 * 2 + i % 2);
      }
    }
  }
}

}  // namespace

// out = softmax(scale q k^T + bias) v over each query's interval, and the scores' log-sum-exp.
//
// A block owns OWN queries of a head (a multiple of 64), a warp a quarter of them, and runs over the keys that
// these see, STEP at a time: the next ones are on their way while a step computes. Blocks with the
// last queries come first: in causal attention they have most to do.
//
//   out         queries x gridDim.y heads of `width` <= HEAD values
//   log_sum_exp float, heads x queries
//   q, k, v     rows of heads; key head = head / group; any alignment, strides in elements
//   start, end  of each query's interval, non-decreasing
//   bias        float, heads x (2 radius + 1), if BIAS
//   seed        one word, if DROPOUT; threshold and kept are Dropout's
//
// Grid (ceil(queries / OWN), heads), 128 threads, shared memory (OWN + 4 STEP) (HEAD + 8) 2 bytes.
// Moves q, out and, for every block, the keys and values that it sees.
extern "C" __global__ __launch_bounds__(128) void attention_forward(
    bf16* out,
    i64 out_stride,
    float* log_sum_exp,
    const bf16* q,
    i64 q_stride,
    const bf16* k,
    i64 k_stride,
    const bf16* v,
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
  bf16* q_tile = (bf16*)memory;
  bf16* k_tile = q_tile + OWN * PITCH;  // two of them
  bf16* v_tile = k_tile + 2 * STEP * PITCH;

  int head = blockIdx.y;
  int first = (int)(gridDim.x - 1 - blockIdx.x) * OWN;
  Rows<bf16> q_rows = rows_of(q, q_stride, queries, head, width);
  Rows<bf16> k_rows = rows_of(k, k_stride, keys, head / group, width);
  Rows<bf16> v_rows = rows_of(v, v_stride, keys, head / group, width);
  int from = start[first];
  int to = interval_at(start, end, first + OWN - 1, queries).end;

  load_rows<OWN>(q_tile, q_rows, first);
  if (from < to) {
    load_rows<STEP>(k_tile, k_rows, from);
    load_rows<STEP>(v_tile, v_rows, from);
  }
  cp_async_commit();

  int lane = threadIdx.x % WARP;
  int own = threadIdx.x / WARP * BANDS * 16;
  int row = first + own;
  Interval top = interval_at(start, end, row, queries);
  Interval bottom = interval_at(start, end, row + BANDS * 16 - 1, queries);
  ScoreOptions options =
      score_options(head, bias, radius, offset, seed, stream, threshold, kept);
  Softmax softmax;
  for (int band = 0; band < BANDS; band++) {
    for (int half = 0; half < 2; half++) {
      int query = row + band * 16 + half * 8 + lane / 4;
      softmax.seen[band][half] = interval_at(start, end, query, queries);
      softmax.max[band][half] = -infinity();
      softmax.sum[band][half] = 0;
      if (DROPOUT) {
        softmax.dropout[band][half] = options.dropout_of((i64)head * queries + query);
      }
    }
  }
  float unit = BIAS ? 1.0f : scale * LOG2_E;
  float o[BANDS][HEAD / 8][4];
  clear(o);

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
    if (seen.any && row < queries) {
      float s[BANDS][STEP / 8][4];
      multiply_transposed(s, q_tile + own * PITCH, k_tile + turn * STEP * PITCH);
      if (BIAS) {
        add_bias(s, options, scale, row, key);
      }
      if (!seen.all) {
        hide(s, softmax, key);
      }
      exponentials(s, o, softmax, unit);
      if (DROPOUT) {
        drop(s, softmax, options, key);
      }
      add_product(o, s, v_tile + turn * STEP * PITCH);
    }
  }

  float factor[BANDS][2];
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float sum = softmax.sum[band][half];
      sum += __shfl_xor_sync(FULL_WARP, sum, 1);
      sum += __shfl_xor_sync(FULL_WARP, sum, 2);
      int query = row + band * 16 + half * 8 + lane / 4;
      bool empty = softmax.seen[band][half].start >= softmax.seen[band][half].end;
      factor[band][half] = empty ? 0.0f : 1 / sum;
      if (lane % 4 == 0 && query < queries) {
        float max = softmax.max[band][half] * unit * LN_2;
        log_sum_exp[(i64)head * queries + query] = empty ? infinity() : max + logf(sum);
      }
    }
  }
  cp_async_wait<0>();
  __syncthreads();
  write_tile(q_tile + own * PITCH, o, factor);
  __syncthreads();
  store_rows<OWN>(rows_of(out, out_stride, queries, head, width), first, q_tile);
}
