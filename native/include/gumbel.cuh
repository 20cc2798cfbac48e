#pragma once
#include "device.cuh"
#include "random.cuh"

// Counter-based noise of the standard Gumbel distribution, -log(-log u).
//
// The Java twin is dev.culebra.runtime.kernel.Gumbel, bit by bit: nothing but additions, products and
// fused multiply-adds, none of which a compiler may contract, so that every device draws the same.

// The natural logarithm of a positive normal number, within 1e-6 of its size; the series is Cephes'.
__device__ __forceinline__ float log_exactly(float x) {
  constexpr int ROOT_HALF = 0x3f3504f3;
  int bits = __float_as_int(x) - ROOT_HALF;
  float exponent = (float)(bits >> 23);
  float r = __int_as_float((bits & 0x7fffff) + ROOT_HALF) - 1.0f;
  float series = 7.0376836292e-2f;
  series = fmaf(series, r, -1.1514610310e-1f);
  series = fmaf(series, r, 1.1676998740e-1f);
  series = fmaf(series, r, -1.2420140846e-1f);
  series = fmaf(series, r, 1.4249322787e-1f);
  series = fmaf(series, r, -1.6668057665e-1f);
  series = fmaf(series, r, 2.0000714765e-1f);
  series = fmaf(series, r, -2.4999993993e-1f);
  series = fmaf(series, r, 3.3333331174e-1f);
  float square = r * r;
  float cubic = r * square;
  float rest = fmaf(exponent, -2.12194440e-4f, cubic * series);
  float most = r + fmaf(-0.5f, square, rest);
  return fmaf(exponent, 0.693359375f, most);
}

// The noise of a column of a row's random bits.
__device__ __forceinline__ float gumbel(const RandomRow& row, u32 col) {
  float unit = ((float)(row.bits(col) >> 9) + 0.5f) * 1.1920928955078125e-7f;
  return -log_exactly(-log_exactly(unit));
}
