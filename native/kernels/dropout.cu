// Dropout: values zeroed at random, the others scaled.
#include "device.cuh"
#include "random.cuh"
#include "values.cuh"

// y[i] = x[i] * scale where the random bits of (seed, stream, i) are at least threshold, else 0; y may
// be x. The seed is the int whose bits seed[0] holds.
//
// One dimension, threads x SHARE values per block, any alignment. Each value is read and written once.
extern "C" __global__ void dropout(
    REAL* y, const REAL* x, const float* seed, int stream, int threshold, float scale, i64 n) {
  float values[SHARE];
  u32 key = __float_as_uint(*seed);
  i64 i = first_value<SHARE>();
  load_values(values, x + i, n - i);
  for (int k = 0; k < SHARE; k++) {
    bool kept = random_bits(key, (u32)stream, (u64)(i + k)) >= (u32)threshold;
    values[k] = kept ? values[k] * scale : 0.0f;
  }
  store_values(y + i, values, n - i);
}
