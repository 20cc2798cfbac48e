// Rotary positions, in the half-split layout (Su et al. 2021, arXiv:2104.09864).
#include "device.cuh"
#include "values.cuh"

// Turns the pairs (x[j], x[j + D/2]) of each head of D values by the angle of the row's position, whose
// cosine and sine are table[position][j]; with inverse, back. A position outside the table makes the
// row NaN.
//
// Grid rows x tiles of threads: a thread turns SHARE pairs of one head; any alignment and stride.
// x is read and written once.
extern "C" __global__ void rotary(REAL* x, i64 stride, int heads, int half, const int* position,
                                  const float* __restrict__ table, i64 positions, int inverse) {
  int pieces = (half + SHARE - 1) / SHARE;
  i64 piece = first_column<1>();
  if (piece >= (i64)heads * pieces) {
    return;
  }
  int head = (int)piece / pieces;
  int j = ((int)piece - head * pieces) * SHARE;
  REAL* low = x + blockIdx.x * stride + (i64)head * 2 * half + j;
  REAL* high = low + half;
  i64 at = position[blockIdx.x];
  bool known = at >= 0 && at < positions;
  const float* turn = table + (known ? at : 0) * 2 * half + 2 * j;
  float a[SHARE], b[SHARE], angles[2 * SHARE];
  load_values(a, low, half - j);
  load_values(b, high, half - j);
  load_values(angles, turn, 2 * (half - j));
  for (int k = 0; k < SHARE; k++) {
    float cosine = known ? angles[2 * k] : __int_as_float(0x7fc00000);
    float sine = inverse ? -angles[2 * k + 1] : angles[2 * k + 1];
    float turned = a[k] * cosine - b[k] * sine;
    b[k] = b[k] * cosine + a[k] * sine;
    a[k] = turned;
  }
  store_values(low, a, half - j);
  store_values(high, b, half - j);
}
