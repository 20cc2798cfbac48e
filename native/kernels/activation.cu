// Activations: SwiGLU, its gradient and that of GELU, which forward is an epilogue of a matrix product.
#include "device.cuh"
#include "values.cuh"

__device__ __forceinline__ float sigmoid(float x) {
  return 1.0f / (1.0f + exp2_fast(-1.4426950408889634f * x));
}

// gelu(x) = x/2 (1 + tanh(u)) = x sigmoid(2u), for u = sqrt(2/pi) (x + 0.044715 x^3).
constexpr float GELU_LINEAR = 2 * 0.7978845608028654f;
constexpr float GELU_CUBIC = GELU_LINEAR * 0.044715f;

__device__ __forceinline__ float gelu_gate(float x) {
  return sigmoid(x * fmaf(GELU_CUBIC, x * x, GELU_LINEAR));
}

__device__ __forceinline__ float gelu_slope(float x) {
  float s = gelu_gate(x);
  float du = fmaf(3 * GELU_CUBIC, x * x, GELU_LINEAR);
  return s + x * s * (1 - s) * du;
}

// dx[i] = dy[i] gelu'(x[i]); dx may be dy, and may be x.
//
// One dimension, threads x SHARE values per block, any alignment. Three values moved per element.
extern "C" __global__ void gelu_backward(REAL* dx, const REAL* dy, const REAL* x, i64 n) {
  float values[SHARE], d[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  load_values(d, dy + i, n - i);
  for (int k = 0; k < SHARE; k++) {
    d[k] *= gelu_slope(values[k]);
  }
  store_values(dx + i, d, n - i);
}

// y = silu(g) u for x = [g u], rows of 2 cols values; silu(g) = g sigmoid(g).
//
// Grid rows x tiles of threads x SHARE columns of y; any alignment and strides. Reads x, writes y.
extern "C" __global__ void swiglu(
    REAL* __restrict__ y, i64 y_stride, const REAL* __restrict__ x, i64 x_stride, i64 cols) {
  float g[SHARE], u[SHARE];
  i64 j = first_column<SHARE>();
  const REAL* row = x + blockIdx.x * x_stride;
  load_values(g, row + j, cols - j);
  load_values(u, row + cols + j, cols - j);
  for (int k = 0; k < SHARE; k++) {
    u[k] *= g[k] * sigmoid(g[k]);
  }
  store_values(y + blockIdx.x * y_stride + j, u, cols - j);
}

// With s = sigmoid(g): dg = dy u s (1 + g (1 - s)), du = dy g s.
//
// Launch as swiglu. Reads dy and x, writes dx; they do not overlap.
extern "C" __global__ void swiglu_backward(REAL* __restrict__ dx, i64 dx_stride,
                                           const REAL* __restrict__ dy, i64 dy_stride,
                                           const REAL* __restrict__ x, i64 x_stride, i64 cols) {
  float g[SHARE], u[SHARE], d[SHARE];
  i64 j = first_column<SHARE>();
  const REAL* row = x + blockIdx.x * x_stride;
  load_values(g, row + j, cols - j);
  load_values(u, row + cols + j, cols - j);
  load_values(d, dy + blockIdx.x * dy_stride + j, cols - j);
  for (int k = 0; k < SHARE; k++) {
    float s = sigmoid(g[k]);
    float dg = d[k] * u[k] * s * fmaf(g[k], 1 - s, 1.0f);
    u[k] = d[k] * g[k] * s;
    g[k] = dg;
  }
  REAL* result = dx + blockIdx.x * dx_stride;
  store_values(result + j, g, cols - j);
  store_values(result + cols + j, u, cols - j);
}
