// Kernels for the engine's own test: every primitive, used as the PTX manual says.
typedef unsigned int u32;
typedef unsigned short u16;
typedef long long i64;

// out[row] = the sum of row, by one block: shuffles, shared memory, a barrier. Blocks beyond the rows end at once.
extern "C" __global__ __launch_bounds__(256) void row_sum(const float* x, float* out, i64 rows, i64 width) {
  __shared__ float of_warp[8];
  i64 row = blockIdx.x;
  if (row >= rows) {
    return;
  }
  float sum = 0;
  for (i64 i = threadIdx.x; i < width; i += blockDim.x) {
    sum += x[row * width + i];
  }
  for (int step = 16; step > 0; step /= 2) {
    sum += __shfl_xor_sync(0xffffffffu, sum, step);
  }
  if (threadIdx.x % 32 == 0) {
    of_warp[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    for (int w = 1; w < (int)blockDim.x / 32; w++) {
      sum += of_warp[w];
    }
    out[row] = sum;
  }
}

constexpr int TILE = 64;

// c = a b for bf16 matrices: a m x k by rows, b k x n by rows; all multiples of 64. A block of 4 warps makes a tile of 64 x 64.
// Tiles come by cp.async in two stages, fragments by ldmatrix: a as it lies, b transposed.
extern "C" __global__ __launch_bounds__(128) void matmul(const u16* a, const u16* b, float* c, i64 n, i64 k) {
  extern __shared__ __align__(16) u16 tiles[];
  auto stage = [&](int s) { return tiles + s * 2 * TILE * TILE; };
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const i64 row0 = (i64)blockIdx.y * TILE, column0 = (i64)blockIdx.x * TILE;
  auto fetch = [&](int s, i64 k0) {
    for (int i = threadIdx.x; i < TILE * TILE / 8; i += blockDim.x) {
      int r = i / 8, col = i % 8 * 8;
      cp_async16(stage(s) + r * TILE + col, a + (row0 + r) * k + k0 + col, 16);
      cp_async16(stage(s) + TILE * TILE + r * TILE + col, b + (k0 + r) * n + column0 + col, 16);
    }
    cp_async_commit();
  };
  float d[8][4] = {};
  fetch(0, 0);
  for (i64 k0 = 0, s = 0; k0 < k; k0 += TILE, s ^= 1) {
    if (k0 + TILE < k) {
      fetch((int)s ^ 1, k0 + TILE);
      cp_async_wait<1>();
    } else {
      cp_async_wait<0>();
    }
    __syncthreads();
    const u16* at = stage((int)s);
    const u16* bt = at + TILE * TILE;
    for (int kk = 0; kk < TILE; kk += 16) {
      u32 fa[4];
      ldmatrix_x4(fa, at + (warp * 16 + lane % 16) * TILE + kk + lane / 16 * 8);
      for (int j = 0; j < TILE; j += 8) {
        u32 fb[2];
        ldmatrix_x2_trans(fb, bt + (kk + lane % 16) * TILE + j);
        mma_bf16(d[j / 8], fa, fb);
      }
    }
    __syncthreads();
  }
  for (int j = 0; j < TILE / 8; j++) {
    float* to = c + (row0 + warp * 16 + lane / 4) * n + column0 + j * 8 + lane % 4 * 2;
    to[0] = d[j][0];
    to[1] = d[j][1];
    to[8 * n] = d[j][2];
    to[8 * n + 1] = d[j][3];
  }
}

// The fragments of one tile, register by register, as ldmatrix gives them. x is 32 x 8: four matrices.
extern "C" __global__ void fragments(const u16* x, u32* plain, u32* transposed) {
  __shared__ alignas(16) u16 tile[32 * 8];
  for (int i = threadIdx.x; i < 256; i += 32) {
    tile[i] = x[i];
  }
  __syncwarp();
  u32 r[4];
  ldmatrix_x4(r, tile + threadIdx.x * 8);
  for (int i = 0; i < 4; i++) {
    plain[i * 32 + threadIdx.x] = r[i];
  }
  ldmatrix_x4_trans(r, tile + threadIdx.x * 8);
  for (int i = 0; i < 4; i++) {
    transposed[i * 32 + threadIdx.x] = r[i];
  }
}

// Votes, counts and atomics: out[0..3] by one block of 64 threads.
extern "C" __global__ void votes(int* out, unsigned long long* total) {
  int t = threadIdx.x;
  unsigned ballot = __ballot_sync(0xffffffffu, t % 3 == 0);
  int count = __syncthreads_count(t % 3 == 0);
  int all = __syncthreads_and(t < 64), any = __syncthreads_or(t == 63);
  atomicAdd(total, (unsigned long long)t);
  atomicMax(&out[3], t);
  if (t == 0) {
    out[0] = (int)ballot;
    out[1] = count;
    out[2] = all * 2 + any;
  }
  int low = __shfl_sync(0xffffffffu, t, 5, 16);
  int up = __shfl_up_sync(0xffffffffu, t, 1), down = __shfl_down_sync(0xffffffffu, t, 1);
  out[4 + t] = low * 10000 + up * 100 + down;
}

// Nothing but barriers.
extern "C" __global__ void barriers(int count, float* out) {
  for (int i = 0; i < count; i++) {
    __syncthreads();
  }
  if (threadIdx.x == 0 && blockIdx.x == 0) {
    *out = (float)count;
  }
}

// The halves of a warp go different ways and shuffle among themselves; blocks of 8 x 5 threads, so the last warp has 8 lanes.
extern "C" __global__ void halves(int* out) {
  int t = threadIdx.x + threadIdx.y * blockDim.x;
  int lane = t % 32;
  unsigned alive = t < 32 ? 0xffffffffu : 0xffu;
  int got;
  if (lane % 16 < 8) {
    got = __shfl_xor_sync(alive & 0x00ff00ffu, t, 1);
  } else {
    got = __shfl_xor_sync(alive & 0xff00ff00u, t, 2) + 1000;
  }
  __syncwarp(alive);
  int block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  out[block * 40 + t] = got;
}

// The last block to finish adds the others' results: write, fence, count.
extern "C" __global__ void last_block_adds(const float* x, float* partial, unsigned* finished, float* out) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    partial[blockIdx.x] = x[blockIdx.x] * 2;
    __threadfence();
    last = atomicAdd(finished, 1u) == gridDim.x - 1;
  }
  __syncthreads();
  if (!last) {
    return;
  }
  if (threadIdx.x == 0) {
    float sum = 0;
    for (int i = 0; i < (int)gridDim.x; i++) {
      sum += partial[i];
    }
    *out = sum;
    *finished = 0;
  }
}

// Rows of `bytes` bytes, copied asynchronously in pieces of 16; zeros behind them.
extern "C" __global__ void copy_rows(const unsigned char* x, unsigned char* y, int bytes) {
  __shared__ alignas(16) unsigned char row[64];
  int left = bytes - (int)threadIdx.x * 16;
  int part = left < 0 ? 0 : left > 16 ? 16 : left;
  cp_async16(row + threadIdx.x * 16, x + (part > 0 ? threadIdx.x * 16 : 0), part);
  cp_async_commit();
  cp_async_wait<0>();
  __syncwarp(0xfu);
  for (int i = threadIdx.x; i < 64; i += 4) {
    y[i] = row[i];
  }
}
