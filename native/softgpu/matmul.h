// The arithmetic of a matrix product on the host: column-major, accumulated in float32 in the order of k, with the same bits on every host.
#pragma once

#include <cstdint>

namespace softgpu {

enum class Element { f32, bf16 };

// One operand: element (i, j) of the stored matrix is at `data`[i + j * ld].
struct Operand {
  const void* data;
  Element type;
  std::int64_t ld;
  bool transposed;
};

struct Product {
  std::int64_t m, n, k;
  Operand a, b;  // op(A) is m x k, op(B) is k x n
  bool tf32;     // float32 inputs lose all but 10 bits of their mantissa
};

// Half-open.
struct Span {
  std::int64_t begin, end;
};

// The columns `columns` of op(A)[:, depth] op(B)[depth, :], written to `out` (m x columns, leading dimension m), or added to what is there.
void multiply(const Product& product, Span depth, Span columns, float* out, bool add);

float bf16_to_float(std::uint16_t bits);

// Round to nearest, ties to even; NaN stays NaN.
std::uint16_t float_to_bf16(float value);

// GELU by its tanh approximation, which is cuBLASLt's.
float gelu(float x);

}  // namespace softgpu
