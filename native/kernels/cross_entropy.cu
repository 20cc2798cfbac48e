// Masked cross entropy of rows of logits, and its gradient in their place.
//
// With lse = log sum exp z, classes V, target t, smoothing s and z-loss y:
//   loss = lse - (1 - s) z[t] - s / V sum z + y lse^2
//   d loss / d z[j] = (1 + 2 y lse) exp(z[j] - lse) - s / V - (1 - s) [j = t]
#include "device.cuh"
#include "values.cuh"

constexpr float LOG2_E = 1.4426950408889634f;
constexpr int IGNORE = -100;

// What a thread knows of the logits it has seen: their maximum, the sum of exp(z - maximum), the sum of z.
struct Seen {
  float max, exponentials, sum;
};

// Where all logits are -infinity, differences from 0 take the place of differences from the maximum.
__device__ __forceinline__ float shift_of(float max) { return max == -infinity() ? 0.0f : max; }

// N more logits: the maximum first, so that exponentials are rescaled once for them.
template <int N>
__device__ __forceinline__ void see(Seen& seen, const float (&z)[N]) {
  float max = seen.max;
  for (int k = 0; k < N; k++) {
    max = fmaxf(max, z[k]);
    seen.sum += z[k];
  }
  float shift = shift_of(max);
  seen.exponentials *= exp2_fast((seen.max - shift) * LOG2_E);
  for (int k = 0; k < N; k++) {
    seen.exponentials += exp2_fast((z[k] - shift) * LOG2_E);
  }
  seen.max = max;
}

// A row of logits cut for a block: `head` values up to the first 16-byte border, `vectors` of SHARE
// values, and the rest. The vectors go round the threads; values of head and rest have one thread each.
struct Row {
  REAL* z;
  int head, vectors, cols;

  __device__ __forceinline__ Row(REAL* row, int cols) : z(row), cols(cols) {
    int values = (int)((16 - ((u64)row & 15)) % 16) / (int)sizeof(REAL);
    head = values < cols ? values : cols;
    vectors = (cols - head) / SHARE;
  }

  __device__ __forceinline__ uint4* vector(int v) const { return (uint4*)(z + head) + v; }

  // The column of this thread's single value, or -1.
  __device__ __forceinline__ int single() const {
    int j = threadIdx.x < head ? threadIdx.x : vectors * SHARE + threadIdx.x;
    return j < cols ? j : -1;
  }
};

// f(v, vector v) for this thread's vectors from `first` to `end`; four are read before the first is used.
template <typename F>
__device__ __forceinline__ void for_vectors(const Row& row, int first, int end, F f) {
  constexpr int BATCH = 4;
  int step = blockDim.x;
  int v = first + threadIdx.x;
  for (; v + (BATCH - 1) * step < end; v += BATCH * step) {
    uint4 batch[BATCH];
    for (int b = 0; b < BATCH; b++) {
      batch[b] = *row.vector(v + b * step);
    }
    for (int b = 0; b < BATCH; b++) {
      f(v + b * step, batch[b]);
    }
  }
  for (; v < end; v += step) {
    f(v, *row.vector(v));
  }
}

// Reads the row once; of it, the first `cached` vectors stay in shared memory.
__device__ __forceinline__ Seen read_row(const Row& row, uint4* cache, int cached) {
  Seen seen = {-infinity(), 0.0f, 0.0f};
  auto see_vector = [&](uint4 vector) {
    float values[SHARE];
    unpack(vector, values);
    see(seen, values);
  };
  for_vectors(row, 0, cached, [&](int v, uint4 vector) {
    cache[v] = vector;
    see_vector(vector);
  });
  for_vectors(row, cached, row.vectors, [&](int, uint4 vector) { see_vector(vector); });
  if (row.single() >= 0) {
    float value[1] = {to_float(row.z[row.single()])};
    see(seen, value);
  }
  return seen;
}

// z[j] = weight exp(z[j] - max) + everywhere, and at_target more at the target.
struct Gradient {
  float max, weight, everywhere, at_target;
  int target;

  __device__ __forceinline__ float of(float z, int j) const {
    float value = fmaf(weight, exp2_fast((z - max) * LOG2_E), everywhere);
    return j == target ? value + at_target : value;
  }

  __device__ __forceinline__ void write(const Row& row, int v, uint4 vector) const {
    float values[SHARE];
    unpack(vector, values);
    for (int k = 0; k < SHARE; k++) {
      values[k] = of(values[k], row.head + v * SHARE + k);
    }
    store_streaming(row.vector(v), pack(values));
  }
};

__device__ __forceinline__ void write_row(
    const Row& row, const Gradient& gradient, const uint4* cache, int cached) {
  for (int v = threadIdx.x; v < cached; v += blockDim.x) {
    gradient.write(row, v, cache[v]);
  }
  for_vectors(row, cached, row.vectors, [&](int v, uint4 vector) { gradient.write(row, v, vector); });
  int j = row.single();
  if (j >= 0) {
    row.z[j] = from_float<REAL>(gradient.of(to_float(row.z[j]), j));
  }
}

__device__ __forceinline__ void write_zeros(const Row& row) {
  for (int v = threadIdx.x; v < row.vectors; v += blockDim.x) {
    store_streaming(row.vector(v), make_uint4(0, 0, 0, 0));
  }
  if (row.single() >= 0) {
    row.z[row.single()] = from_float<REAL>(0.0f);
  }
}

// loss[i], and with `scale` logits[i] = scale[0] d loss[i] / d logits[i]; scale may be null. A row whose
// target is -100 is not read: its loss and gradient are 0. A target that is no class makes both NaN.
//
// Grid rows; 32 to 512 threads, a multiple of 32 (head and rest together have fewer values than that).
// Any stride and alignment of logits. Dynamic shared memory: 16 bytes per cached vector; a row uses as
// many as it has. Reads each logit once, those that are not cached once more (mostly from the L2 cache),
// and writes it once.
extern "C" __global__ __launch_bounds__(512, 2) void cross_entropy(
    float* __restrict__ loss, REAL* logits, i64 stride, const int* __restrict__ targets,
    const float* __restrict__ scale, int cols, int cache_vectors, float smoothing, float z_loss) {
  extern __shared__ uint4 cache[];
  Row row(logits + blockIdx.x * stride, cols);
  int target = targets[blockIdx.x];
  if (target == IGNORE) {
    if (scale != nullptr) {
      write_zeros(row);
    }
    if (threadIdx.x == 0) {
      loss[blockIdx.x] = 0.0f;
    }
    return;
  }
  bool known = target >= 0 && target < cols;
  float of_target = known ? to_float(row.z[target]) : __int_as_float(0x7fc00000);
  int cached = cache_vectors < row.vectors ? cache_vectors : row.vectors;
  Seen seen = read_row(row, cache, cached);
  float max = shift_of(block_max(seen.max));
  float exponentials = block_sum(seen.exponentials * exp2_fast((seen.max - max) * LOG2_E));
  float sum = smoothing > 0 ? block_sum(seen.sum) : 0.0f;
  float lse = max + logf(exponentials);
  if (threadIdx.x == 0) {
    float plain = lse - (1 - smoothing) * of_target;
    loss[blockIdx.x] = plain - smoothing / cols * sum + z_loss * lse * lse;
  }
  if (scale != nullptr) {
    float factor = known ? *scale : __int_as_float(0x7fc00000);
    Gradient gradient = {max, factor * (1 + 2 * z_loss * lse) / exponentials,
                         -factor * smoothing / cols, -factor * (1 - smoothing), target};
    write_row(row, gradient, cache, cached);
  }
}
