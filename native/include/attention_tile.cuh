// Tiles of bf16 rows in shared memory, and their products on tensor cores.
//
// A tile has HEAD values a row and PITCH from row to row: 16 bytes more, so that the eight rows that
// ldmatrix reads at once lie in different banks. Fragments are those of mma_bf16 (chip.cuh).
#pragma once
#include "attention.cuh"

constexpr int PITCH = HEAD + 8;
constexpr int STEPS = HEAD / 16;  // products along a head
constexpr int BANDS = OWN / (ATTENTION_WARPS * 16);  // of 16 rows, in a warp

// Asks for COUNT rows from `first` on; what lies beyond the matrix or the head becomes 0. They are
// there after cp_async_commit, cp_async_wait and __syncthreads.
template <int COUNT>
__device__ __forceinline__ void load_rows(bf16* tile, const Rows<bf16>& x, int first) {
  for (int i = threadIdx.x; i < COUNT * (HEAD / 8); i += ATTENTION_THREADS) {
    int row = i / (HEAD / 8);
    int column = i % (HEAD / 8) * 8;
    bf16* target = tile + row * PITCH + column;
    int left = first + row < x.count ? x.width - column : 0;
    const bf16* source = left > 0 ? x.data + (i64)(first + row) * x.stride + column : x.data;
    if (x.vectors) {
      cp_async16(target, source, left > 0 ? 16 : 0);
    } else {
      for (int j = 0; j < 8; j++) {
        target[j] = j < left ? source[j] : bf16{0};
      }
    }
  }
}

// Writes COUNT rows of a tile from `first` on, as far as the matrix and the head reach.
template <int COUNT>
__device__ __forceinline__ void store_rows(const Rows<bf16>& x, int first, const bf16* tile) {
  for (int i = threadIdx.x; i < COUNT * (HEAD / 8); i += ATTENTION_THREADS) {
    int row = i / (HEAD / 8);
    int column = i % (HEAD / 8) * 8;
    int left = first + row < x.count ? x.width - column : 0;
    if (left <= 0) {
      continue;
    }
    const bf16* source = tile + row * PITCH + column;
    bf16* target = x.data + (i64)(first + row) * x.stride + column;
    if (x.vectors) {
      *(uint4*)target = *(const uint4*)source;
    } else {
      for (int j = 0; j < 8 && j < left; j++) {
        target[j] = source[j];
      }
    }
  }
}

// a: 16 rows of a tile by 16 columns from `column` on.
__device__ __forceinline__ void load_a(u32 (&a)[4], const bf16* tile, int column) {
  int lane = threadIdx.x % WARP;
  ldmatrix_x4(a, tile + lane % 16 * PITCH + column + lane / 16 * 8);
}

// b of two products: columns are 16 rows of a tile, rows its 16 columns from `column` on.
__device__ __forceinline__ void load_b(u32 (&b)[2][2], const bf16* tile, int column) {
  int lane = threadIdx.x % WARP;
  u32 r[4];
  ldmatrix_x4(r, tile + (lane % 8 + lane / 16 * 8) * PITCH + column + lane / 8 % 2 * 8);
  b[0][0] = r[0];
  b[0][1] = r[1];
  b[1][0] = r[2];
  b[1][1] = r[3];
}

// b of two products: rows are 16 rows of a tile, columns its 16 columns from `column` on.
__device__ __forceinline__ void load_b_rows(u32 (&b)[2][2], const bf16* tile, int column) {
  int lane = threadIdx.x % WARP;
  u32 r[4];
  ldmatrix_x4_trans(r, tile + lane % 16 * PITCH + column + lane / 16 * 8);
  b[0][0] = r[0];
  b[0][1] = r[1];
  b[1][0] = r[2];
  b[1][1] = r[3];
}

template <int A, int B>
__device__ __forceinline__ void clear(float (&d)[A][B][4]) {
  for (int i = 0; i < A; i++) {
    for (int j = 0; j < B; j++) {
      for (int k = 0; k < 4; k++) {
        d[i][j][k] = 0;
      }
    }
  }
}

// d = x y^T for 16 BANDS rows of tile x and 8 COLUMNS rows of tile y.
template <int COLUMNS>
__device__ __forceinline__ void multiply_transposed(
    float (&d)[BANDS][COLUMNS][4], const bf16* x, const bf16* y) {
  clear(d);
#pragma unroll
  for (int step = 0; step < STEPS; step++) {
    u32 a[BANDS][4];
#pragma unroll
    for (int band = 0; band < BANDS; band++) {
      load_a(a[band], x + band * 16 * PITCH, step * 16);
    }
#pragma unroll
    for (int column = 0; column < COLUMNS; column += 2) {
      u32 b[2][2];
      load_b(b, y + column * 8 * PITCH, step * 16);
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
        mma_bf16(d[band][column], a[band], b[0]);
        mma_bf16(d[band][column + 1], a[band], b[1]);
      }
    }
  }
}

// d += p x for scores p, rounded to bf16, and as many rows of tile x as p has columns.
template <int COLUMNS>
__device__ __forceinline__ void add_product(
    float (&d)[BANDS][HEAD / 8][4], const float (&p)[BANDS][COLUMNS][4], const bf16* x) {
#pragma unroll
  for (int k = 0; k < COLUMNS; k += 2) {
    u32 a[BANDS][4];
#pragma unroll
    for (int band = 0; band < BANDS; band++) {
      a[band][0] = pack_bf16(p[band][k][0], p[band][k][1]);
      a[band][1] = pack_bf16(p[band][k][2], p[band][k][3]);
      a[band][2] = pack_bf16(p[band][k + 1][0], p[band][k + 1][1]);
      a[band][3] = pack_bf16(p[band][k + 1][2], p[band][k + 1][3]);
    }
#pragma unroll
    for (int column = 0; column < HEAD / 8; column += 2) {
      u32 b[2][2];
      load_b_rows(b, x + k * 8 * PITCH, column * 8);
#pragma unroll
      for (int band = 0; band < BANDS; band++) {
        mma_bf16(d[band][column], a[band], b[0]);
        mma_bf16(d[band][column + 1], a[band], b[1]);
      }
    }
  }
}

// Writes factor d, rounded, into 16 BANDS rows of a tile, with a factor for rows g and g + 8 of each
// band; 0 gives zeros whatever d is.
__device__ __forceinline__ void write_tile(
    bf16* tile, const float (&d)[BANDS][HEAD / 8][4], const float (&factor)[BANDS][2]) {
  int lane = threadIdx.x % WARP;
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
#pragma unroll
    for (int column = 0; column < HEAD / 8; column++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        bf16* pair =
            tile + (band * 16 + half * 8 + lane / 4) * PITCH + column * 8 + lane % 4 * 2;
        float scale = factor[band][half];
        *(u32*)pair = scale == 0 ? 0
                                 : pack_bf16(d[band][column][2 * half] * scale,
                                             d[band][column][2 * half + 1] * scale);
      }
    }
  }
}

// Writes factor d, one factor for all rows.
__device__ __forceinline__ void write_tile(
    bf16* tile, const float (&d)[BANDS][HEAD / 8][4], float factor) {
  float factors[BANDS][2];
#pragma unroll
  for (int band = 0; band < BANDS; band++) {
    factors[band][0] = factor;
    factors[band][1] = factor;
  }
  write_tile(tile, d, factors);
}
