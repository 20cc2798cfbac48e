// Activations, with and without a gate, and their gradients. CURVE is one of the types of curves.cuh.
#include "device.cuh"
#include "curves.cuh"
#include "values.cuh"

// y[i] = f(x[i]); y may be x.
//
// One dimension, threads x SHARE values per block, any alignment. Two values moved per element.
extern "C" __global__ void activate(REAL* y, const REAL* x, i64 n) {
  float values[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  for (int k = 0; k < SHARE; k++) {
    values[k] = CURVE::value(values[k]);
  }
  store_values(y + i, values, n - i);
}

// dx[i] = dy[i] f'(x[i]); dx may be dy, and may be x.
//
// Launch as activate. Three values moved per element.
extern "C" __global__ void activate_backward(REAL* dx, const REAL* dy, const REAL* x, i64 n) {
  float values[SHARE], d[SHARE];
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  load_values(d, dy + i, n - i);
  for (int k = 0; k < SHARE; k++) {
    d[k] *= CURVE::slope(values[k]);
  }
  store_values(dx + i, d, n - i);
}

// y = f(g) u for x = [g u], rows of 2 cols values.
//
// Grid rows x tiles of threads x SHARE columns of y; any alignment and strides. Reads x, writes y.
extern "C" __global__ void gated(
    REAL* __restrict__ y, i64 y_stride, const REAL* __restrict__ x, i64 x_stride, i64 cols) {
  float g[SHARE], u[SHARE];
  i64 j = first_column<SHARE>();
  const REAL* row = x + blockIdx.x * x_stride;
  load_values(g, row + j, cols - j);
  load_values(u, row + cols + j, cols - j);
  for (int k = 0; k < SHARE; k++) {
    u[k] *= CURVE::value(g[k]);
  }
  store_values(y + blockIdx.x * y_stride + j, u, cols - j);
}

// dg = dy u f'(g), du = dy f(g).
//
// Launch as gated. Reads dy and x, writes dx; they do not overlap.
extern "C" __global__ void gated_backward(REAL* __restrict__ dx, i64 dx_stride,
                                          const REAL* __restrict__ dy, i64 dy_stride,
                                          const REAL* __restrict__ x, i64 x_stride, i64 cols) {
  float g[SHARE], u[SHARE], d[SHARE];
  i64 j = first_column<SHARE>();
  const REAL* row = x + blockIdx.x * x_stride;
  load_values(g, row + j, cols - j);
  load_values(u, row + cols + j, cols - j);
  load_values(d, dy + blockIdx.x * dy_stride + j, cols - j);
  for (int k = 0; k < SHARE; k++) {
    float dg = d[k] * u[k] * CURVE::slope(g[k]);
    u[k] = d[k] * CURVE::value(g[k]);
    g[k] = dg;
  }
  REAL* result = dx + blockIdx.x * dx_stride;
  store_values(result + j, g, cols - j);
  store_values(result + cols + j, u, cols - j);
}
