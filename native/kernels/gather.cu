// Rows by index: of an embedding table, or of the positions that carry a label.
#include "device.cuh"
#include "values.cuh"

// y[i] = table[index[i]], or with accumulate y[i] += table[index[i]]; index -1 stands for a row of
// zeros, and an index outside the table, which nobody checks on the way here, for one of NaN.
//
// Grid rows of y x tiles of threads x SHARE columns; any alignment and strides. Reads and writes each
// row once.
extern "C" __global__ void gather_rows(REAL* __restrict__ y, i64 y_stride,
                                       const REAL* __restrict__ table, i64 table_stride,
                                       i64 table_rows, const int* index, i64 cols, int accumulate) {
  i64 row = index[blockIdx.x];
  if (row == -1 && accumulate) {
    return;
  }
  i64 j = first_column<SHARE>();
  REAL* target = y + blockIdx.x * y_stride + j;
  float values[SHARE];
  if (row >= 0 && row < table_rows) {
    load_values(values, table + row * table_stride + j, cols - j);
  } else {
    for (int k = 0; k < SHARE; k++) {
      values[k] = row == -1 ? 0.0f : __int_as_float(0x7fc00000);
    }
  }
  if (accumulate) {
    float before[SHARE];
    load_values(before, target, cols - j);
    for (int k = 0; k < SHARE; k++) {
      values[k] += before[k];
    }
  }
  store_values(target, values, cols - j);
}
