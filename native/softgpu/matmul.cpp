#include "matmul.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace softgpu {
namespace {

// Tiles: kRows x kColumns sums in registers, over panels of kPanel columns of B that are unpacked once.
constexpr std::int64_t kRows = 16, kColumns = 4, kPanel = 256;

using Vector = float __attribute__((vector_size(32), aligned(4), may_alias));

std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

bool finite_bits(std::uint32_t bits) { return (bits & 0x7f800000u) != 0x7f800000u; }

// Round to nearest, ties away from zero, as the chip's conversion does.
float to_tf32(float value) {
  const std::uint32_t bits = bits_of(value);
  return finite_bits(bits) ? float_of((bits + 0x1000u) & ~0x1fffu) : value;
}

template <Element type, bool tf32>
float load(const Operand& operand, std::int64_t at) {
  if constexpr (type == Element::bf16) {
    return bf16_to_float(static_cast<const std::uint16_t*>(operand.data)[at]);
  } else {
    const float value = static_cast<const float*>(operand.data)[at];
    return tf32 ? to_tf32(value) : value;
  }
}

// packed[d * width + i] = element (lines.begin + i, depth.begin + d) of the operand whose lines are the rows of op(A), or the columns of op(B).
// Lines past the end are zero. `along`: the distance of two lines in memory; `across`: of two steps of depth.
template <Element type, bool tf32>
void pack_lines(const Operand& operand, std::int64_t along, std::int64_t across, Span lines, Span depth, std::int64_t width, float* packed) {
  const std::int64_t count = std::min(lines.end - lines.begin, width);
  for (std::int64_t d = depth.begin; d < depth.end; d++, packed += width) {
    const std::int64_t base = lines.begin * along + d * across;
    for (std::int64_t i = 0; i < count; i++) packed[i] = load<type, tf32>(operand, base + i * along);
    std::fill(packed + count, packed + width, 0.0f);
  }
}

void pack(const Operand& operand, bool tf32, bool lines_are_rows, Span lines, Span depth, std::int64_t width, float* packed) {
  const bool adjacent = lines_are_rows != operand.transposed;
  const std::int64_t along = adjacent ? 1 : operand.ld, across = adjacent ? operand.ld : 1;
  if (operand.type == Element::bf16) {
    pack_lines<Element::bf16, false>(operand, along, across, lines, depth, width, packed);
  } else if (tf32) {
    pack_lines<Element::f32, true>(operand, along, across, lines, depth, width, packed);
  } else {
    pack_lines<Element::f32, false>(operand, along, across, lines, depth, width, packed);
  }
}

// sums[column][row] over the depth, one product after the other; never fused, so that every host gets the same bits.
[[gnu::always_inline]] inline void tile(const float* a, const float* b, std::int64_t depth, float* sums) {
  Vector low[kColumns] = {}, high[kColumns] = {};
  for (std::int64_t d = 0; d < depth; d++, a += kRows, b += kColumns) {
    const Vector a_low = *reinterpret_cast<const Vector*>(a), a_high = *reinterpret_cast<const Vector*>(a + kRows / 2);
    for (std::int64_t j = 0; j < kColumns; j++) {
      low[j] += a_low * b[j];
      high[j] += a_high * b[j];
    }
  }
  for (std::int64_t j = 0; j < kColumns; j++) {
    std::memcpy(sums + j * kRows, &low[j], sizeof low[j]);
    std::memcpy(sums + j * kRows + kRows / 2, &high[j], sizeof high[j]);
  }
}

using Tile = void (*)(const float*, const float*, std::int64_t, float*);

void tile_plain(const float* a, const float* b, std::int64_t depth, float* sums) { tile(a, b, depth, sums); }

#ifdef __x86_64__
[[gnu::target("avx2")]] void tile_avx2(const float* a, const float* b, std::int64_t depth, float* sums) { tile(a, b, depth, sums); }

Tile best_tile() { return __builtin_cpu_supports("avx2") ? tile_avx2 : tile_plain; }
#else
Tile best_tile() { return tile_plain; }
#endif

void store(const float* sums, std::int64_t rows, std::int64_t columns, std::int64_t ld, float* out, bool add) {
  for (std::int64_t j = 0; j < columns; j++) {
    for (std::int64_t i = 0; i < rows; i++) out[i + j * ld] = add ? out[i + j * ld] + sums[i + j * kRows] : sums[i + j * kRows];
  }
}

}  // namespace

void multiply(const Product& product, Span depth, Span columns, float* out, bool add) {
  static const Tile best = best_tile();
  const std::int64_t steps = depth.end - depth.begin;
  std::vector<float> a(static_cast<std::size_t>(steps * kRows));
  std::vector<float> b(static_cast<std::size_t>(steps * std::min(kPanel, (columns.end - columns.begin + kColumns - 1) / kColumns * kColumns)));
  float sums[kRows * kColumns];
  for (std::int64_t panel = columns.begin; panel < columns.end; panel += kPanel) {
    const std::int64_t end = std::min(panel + kPanel, columns.end);
    for (std::int64_t j = panel; j < end; j += kColumns) {
      pack(product.b, product.tf32, false, {j, end}, depth, kColumns, b.data() + (j - panel) * steps);
    }
    for (std::int64_t i = 0; i < product.m; i += kRows) {
      pack(product.a, product.tf32, true, {i, product.m}, depth, kRows, a.data());
      for (std::int64_t j = panel; j < end; j += kColumns) {
        best(a.data(), b.data() + (j - panel) * steps, steps, sums);
        store(sums, std::min(kRows, product.m - i), std::min(kColumns, end - j), product.m, out + i + (j - columns.begin) * product.m, add);
      }
    }
  }
}

float bf16_to_float(std::uint16_t bits) { return float_of(std::uint32_t{bits} << 16); }

std::uint16_t float_to_bf16(float value) {
  const std::uint32_t bits = bits_of(value);
  if (!finite_bits(bits)) return static_cast<std::uint16_t>(bits >> 16 | ((bits & 0x7fffffu) != 0 ? 0x40u : 0u));
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

float gelu(float x) {
  constexpr float kRootTwoOverPi = 0.7978845608028654f;
  return 0.5f * x * (1.0f + std::tanh(kRootTwoOverPi * (x + 0.044715f * x * x * x)));
}

}  // namespace softgpu
