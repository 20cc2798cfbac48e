// Activation functions and their slopes, each a type; the formulas' sources stand on Activation.java.
#pragma once
#include "device.cuh"

constexpr float LOG2_E = 1.4426950408889634f;

__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + exp2_fast(-LOG2_E * x)); }

// d/dx of x sigmoid(x): s (1 + x (1 - s)).
__device__ __forceinline__ float silu_slope(float x) {
  float s = sigmoid(x);
  return s * fmaf(x, 1 - s, 1.0f);
}

// x/2 (1 + tanh(u)) = x sigmoid(2u), for u = sqrt(2/pi) (x + 0.044715 x^3).
struct GeluTanh {
  static constexpr float LINEAR = 2 * 0.7978845608028654f;
  static constexpr float CUBIC = LINEAR * 0.044715f;

  static __device__ __forceinline__ float gate(float x) { return sigmoid(x * fmaf(CUBIC, x * x, LINEAR)); }

  static __device__ __forceinline__ float value(float x) { return x * gate(x); }

  static __device__ __forceinline__ float slope(float x) {
    float s = gate(x);
    float du = fmaf(3 * CUBIC, x * x, LINEAR);
    return s + x * s * (1 - s) * du;
  }
};

// x Phi(x), with Phi the normal distribution.
struct Gelu {
  static __device__ __forceinline__ float distribution(float x) {
    return 0.5f + 0.5f * erff(0.7071067811865476f * x);
  }

  static __device__ __forceinline__ float value(float x) { return x * distribution(x); }

  static __device__ __forceinline__ float slope(float x) {
    float density = 0.3989422804014327f * exp2_fast(-0.5f * LOG2_E * x * x);
    return fmaf(x, density, distribution(x));
  }
};

struct QuickGelu {
  static constexpr float FACTOR = 1.702f;

  static __device__ __forceinline__ float value(float x) { return x * sigmoid(FACTOR * x); }

  static __device__ __forceinline__ float slope(float x) { return silu_slope(FACTOR * x); }
};

struct Silu {
  static __device__ __forceinline__ float value(float x) { return x * sigmoid(x); }

  static __device__ __forceinline__ float slope(float x) { return silu_slope(x); }
};

// NaN stays NaN.
struct Relu {
  static __device__ __forceinline__ float value(float x) { return x < 0 ? 0.0f : x; }

  static __device__ __forceinline__ float slope(float x) { return x > 0 ? 1.0f : 0.0f; }
};

struct Tanh {
  static __device__ __forceinline__ float value(float x) { return tanhf(x); }

  static __device__ __forceinline__ float slope(float x) {
    float y = tanhf(x);
    return fmaf(-y, y, 1.0f);
  }
};
