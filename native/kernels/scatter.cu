// table[index[i]] += y[i]: rows added up by index, in one order, without atomics on values and without
// asking the host anything.
//
// First the indices are sorted with their positions (stable, by bytes from the lowest on: Knuth, TAOCP 3,
// 5.2.5), so that equal ones lie side by side in the order of i. Then the sorted list is cut into pieces
// of equal length, whatever the indices are, so that a frequent one costs no more time than rare ones:
// runs of equal indices inside a piece go straight to the table; what a piece holds of a run that crosses
// its border is kept as a partial sum, and the piece in which the run begins adds these up in order.
#include "device.cuh"
#include "columns.cuh"
#include "values.cuh"

constexpr int DIGITS = 256;
constexpr int SORT_WARPS = 8;
constexpr int SORT_ROUNDS = 8;
constexpr int SORT_TILE = SORT_WARPS * SORT_ROUNDS * WARP;
constexpr int PIECE = 32;
constexpr int BATCH = 4;
constexpr int JOINED = 4;

// The key of element i: its index, or table_rows for those that go nowhere, which so come last. In the
// first pass keys are the indices themselves and an element's position is i.
__device__ __forceinline__ u32 key_of(const int* index, i64 i, u32 table_rows) {
  return (u32)index[i] < table_rows ? (u32)index[i] : table_rows;
}

__device__ __forceinline__ u32 digit_of(u32 key, int shift) { return key >> shift & (DIGITS - 1); }

// counts[b][d] = how many keys of tile b have the digit d at `shift`.
//
// Grid tiles of 2048 keys, 256 threads.
extern "C" __global__ __launch_bounds__(256) void sort_count(
    u32* counts, const int* __restrict__ keys, i64 n, int table_rows, int shift) {
  __shared__ u32 count[DIGITS];
  count[threadIdx.x] = 0;
  __syncthreads();
  i64 first = (i64)blockIdx.x * SORT_TILE;
  for (int k = threadIdx.x; k < SORT_TILE && first + k < n; k += blockDim.x) {
    atomicAdd(&count[digit_of(key_of(keys, first + k, table_rows), shift)], 1u);
  }
  __syncthreads();
  counts[(i64)blockIdx.x * DIGITS + threadIdx.x] = count[threadIdx.x];
}

// Where the first key of each digit of this tile goes: behind all smaller digits, and behind the same
// digit of earlier tiles. Thread d does it for digit d.
__device__ __forceinline__ u32 start_of_digit(const u32* __restrict__ counts) {
  __shared__ u32 of_warp[SORT_WARPS];
  u32 all = 0, earlier = 0;
#pragma unroll 8
  for (u32 tile = 0; tile < gridDim.x; tile++) {
    u32 count = counts[(i64)tile * DIGITS + threadIdx.x];
    earlier += tile < blockIdx.x ? count : 0;
    all += count;
  }
  u32 smaller = all;
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  for (int step = 1; step < WARP; step *= 2) {
    u32 below = __shfl_up_sync(FULL_WARP, smaller, step);
    smaller += lane >= step ? below : 0;
  }
  if (lane == WARP - 1) {
    of_warp[warp] = smaller;
  }
  __syncthreads();
  for (int w = 0; w < warp; w++) {
    smaller += of_warp[w];
  }
  return smaller - all + earlier;
}

// The lanes of the warp that hold the same digit, as a mask.
__device__ __forceinline__ u32 lanes_like_this(u32 digit, bool valid) {
  u32 peers = __ballot_sync(FULL_WARP, valid);
  for (int bit = 1; bit < DIGITS; bit *= 2) {
    u32 set = __ballot_sync(FULL_WARP, (digit & bit) != 0);
    peers &= digit & bit ? set : ~set;
  }
  return peers;
}

// One pass: keys and positions in the order of the digit at `shift`, equal digits as they came.
// positions may be null in the first pass: the position of key i is i.
//
// Grid and threads as sort_count, which has left the counts. Warp w takes keys 256 w, ... of its tile.
extern "C" __global__ __launch_bounds__(256) void sort_move(
    int* __restrict__ sorted_keys, int* __restrict__ sorted_positions, const int* __restrict__ keys,
    const int* __restrict__ positions, const u32* __restrict__ counts, i64 n, int table_rows,
    int shift) {
  __shared__ u32 next[SORT_WARPS][DIGITS];
  int lane = threadIdx.x % WARP, warp = threadIdx.x / WARP;
  for (int w = 0; w < SORT_WARPS; w++) {
    next[w][threadIdx.x] = 0;
  }
  u32 start = start_of_digit(counts);
  __syncthreads();
  i64 first = (i64)blockIdx.x * SORT_TILE + warp * SORT_ROUNDS * WARP + lane;
  u32 key[SORT_ROUNDS], rank[SORT_ROUNDS];
  for (int round = 0; round < SORT_ROUNDS; round++) {
    i64 i = first + round * WARP;
    bool valid = i < n;
    key[round] = valid ? key_of(keys, i, table_rows) : 0;
    u32 digit = digit_of(key[round], shift);
    u32 peers = lanes_like_this(digit, valid);
    u32 before = __popc(peers & ((1u << lane) - 1));
    u32 seen = valid ? next[warp][digit] : 0;
    rank[round] = seen + before;
    __syncwarp();
    if (valid && before == 0) {
      next[warp][digit] = seen + __popc(peers);
    }
    __syncwarp();
  }
  __syncthreads();
  for (int w = 0; w < SORT_WARPS; w++) {
    u32 count = next[w][threadIdx.x];
    next[w][threadIdx.x] = start;
    start += count;
  }
  __syncthreads();
  for (int round = 0; round < SORT_ROUNDS; round++) {
    i64 i = first + round * WARP;
    if (i < n) {
      u32 to = next[warp][digit_of(key[round], shift)] + rank[round];
      sorted_keys[to] = (int)key[round];
      sorted_positions[to] = positions == nullptr ? (int)i : positions[i];
    }
  }
}

template <typename T>
__device__ __forceinline__ void add_to_row(T* row, const float (&sum)[SHARE], i64 count) {
  float before[SHARE];
  load_values(before, row, count);
  for (int k = 0; k < SHARE; k++) {
    before[k] += sum[k];
  }
  store_values(row, before, count);
}

// The runs of a piece of the sorted list. partials[piece][0] is what it holds of a run that began before
// it, partials[piece][1] of one that begins in it and goes on behind it; rows of cols values.
template <typename T>
__device__ __forceinline__ void sum_piece(
    T* table, i64 table_stride, float* partials, const REAL* __restrict__ y, i64 y_stride,
    const int* __restrict__ keys, const int* __restrict__ positions, i64 n, int table_rows, i64 cols) {
  i64 j = first_column<SHARE>();
  i64 first = (i64)blockIdx.x * PIECE;
  int count = n - first < PIECE ? (int)(n - first) : PIECE;
  keys += first;
  positions += first;
  bool continues = first > 0 && keys[-1] == keys[0];
  float* partial = partials + (i64)blockIdx.x * 2 * cols + j;
  float sum[SHARE] = {};
  for (int batch = 0; batch < count; batch += BATCH) {
    float rows[BATCH][SHARE];
    for (int b = 0; b < BATCH; b++) {
      if (batch + b < count && keys[batch + b] != table_rows) {
        load_values(rows[b], y + positions[batch + b] * y_stride + j, cols - j);
      }
    }
    for (int b = 0; b < BATCH; b++) {
      int k = batch + b;
      if (k >= count || keys[k] == table_rows) {
        return;
      }
      for (int c = 0; c < SHARE; c++) {
        sum[c] += rows[b][c];
      }
      bool more = first + k + 1 < n && keys[k + 1] == keys[k];
      if (more && k + 1 < count) {
        continue;
      }
      if (continues) {
        store_values(partial, sum, cols - j);
      } else if (more) {
        store_values(partial + cols, sum, cols - j);
      } else {
        add_to_row(table + keys[k] * table_stride + j, sum, cols - j);
      }
      continues = false;
      for (int c = 0; c < SHARE; c++) {
        sum[c] = 0;
      }
    }
  }
}

// Grid pieces of 32 positions x tiles of threads x SHARE columns; any alignment and strides. Reads each
// row of y once; writes a row of the table, or a partial sum, per run.
extern "C" __global__ __launch_bounds__(128) void scatter_pieces_f32(
    float* table, i64 table_stride, float* partials, const REAL* y, i64 y_stride, const int* keys,
    const int* positions, i64 n, int table_rows, i64 cols) {
  sum_piece(table, table_stride, partials, y, y_stride, keys, positions, n, table_rows, cols);
}

extern "C" __global__ __launch_bounds__(128) void scatter_pieces_real(
    REAL* table, i64 table_stride, float* partials, const REAL* y, i64 y_stride, const int* keys,
    const int* positions, i64 n, int table_rows, i64 cols) {
  sum_piece(table, table_stride, partials, y, y_stride, keys, positions, n, table_rows, cols);
}

// Whether the piece begins with this key.
__device__ __forceinline__ bool begins_with(const int* __restrict__ keys, i64 n, i64 piece, int key) {
  return piece * PIECE < n && keys[piece * PIECE] == key;
}

// The last piece that begins with the key; the given one does. Steps grow, then shrink: most runs are short.
__device__ __forceinline__ i64 last_piece(const int* __restrict__ keys, i64 n, i64 piece, int key) {
  i64 step = 1;
  for (; begins_with(keys, n, piece + step, key); step *= 2) {
    piece += step;
  }
  for (step /= 2; step > 0; step /= 2) {
    piece += begins_with(keys, n, piece + step, key) ? step : 0;
  }
  return piece;
}

// Adds up the partial sums of a run that begins in this block's piece and ends in a later one: warp w
// those of an eighth of the pieces, then the block those of the warps, in order.
template <typename T>
__device__ __forceinline__ void join_pieces(
    T* table, i64 table_stride, const float* __restrict__ partials, const int* __restrict__ keys,
    i64 n, int table_rows, i64 cols) {
  __shared__ float sums[COLUMN_WARPS][WARP * JOINED];
  i64 piece = blockIdx.x;
  i64 first = piece * PIECE, last = first + PIECE - 1;
  if (last >= n || keys[last] == table_rows || !begins_with(keys, n, piece + 1, keys[last])) {
    return;
  }
  int key = keys[last];
  if (first > 0 && keys[first - 1] == key) {
    return;
  }
  i64 pieces = last_piece(keys, n, piece + 1, key) - piece + 1;
  i64 share = (pieces + COLUMN_WARPS - 1) / COLUMN_WARPS;
  i64 from = threadIdx.x / WARP * share;
  i64 to = from + share < pieces ? from + share : pieces;
  i64 tile = (i64)blockIdx.y * WARP * JOINED;
  i64 j = tile + threadIdx.x % WARP * JOINED;
  float sum[JOINED] = {};
#pragma unroll 4
  for (i64 p = from; p < to; p++) {
    float partial[JOINED];
    load_values(partial, partials + ((piece + p) * 2 + (p == 0)) * cols + j, cols - j);
    for (int c = 0; c < JOINED; c++) {
      sum[c] += partial[c];
    }
  }
  float total = sum_of_warps(sums, sum);
  if (threadIdx.x < WARP * JOINED && tile + threadIdx.x < cols) {
    T* value = table + key * table_stride + tile + threadIdx.x;
    *value = from_float<T>(to_float(*value) + total);
  }
}

// Grid pieces x tiles of 128 columns, 256 threads; runs behind scatter_pieces. Most blocks find nothing to
// do; a run of r rows costs r / 32 partial sums.
extern "C" __global__ __launch_bounds__(256) void scatter_join_f32(
    float* table, i64 table_stride, const float* partials, const int* keys, i64 n, int table_rows,
    i64 cols) {
  join_pieces(table, table_stride, partials, keys, n, table_rows, cols);
}

extern "C" __global__ __launch_bounds__(256) void scatter_join_real(
    REAL* table, i64 table_stride, const float* partials, const int* keys, i64 n, int table_rows,
    i64 cols) {
  join_pieces(table, table_stride, partials, keys, n, table_rows, cols);
}
