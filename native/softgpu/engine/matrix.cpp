// The matrix instructions of a warp. Fragments as the PTX manual lays them out; with g = lane / 4 and t = lane % 4:
//   A 16 x 16, row-major:  a0 (g, 2t..2t+1)  a1 (g + 8, 2t..)  a2 (g, 2t + 8..)  a3 (g + 8, 2t + 8..)
//   B 16 x 8:              b0 (2t..2t+1, g)  b1 (2t + 8.., g)
//   C, D 16 x 8, float32:  d0, d1 (g, 2t..2t+1)  d2, d3 (g + 8, 2t..2t+1)
// A chip sums the products of a step in a wider form and truncates; here they are added one by one, k ascending, in float32.
#include <cstring>

#include "warp.h"

namespace softgpu::engine {

namespace {

constexpr unsigned whole_warp = 0xffffffffu;

float low_bf16(std::uint32_t pair) { return std::bit_cast<float>(pair << 16); }
float high_bf16(std::uint32_t pair) { return std::bit_cast<float>(pair & 0xffff0000u); }

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
[[gnu::target_clones("avx2", "default")]]
#endif
void multiply(const std::uint32_t (&operand)[10][warp_lanes], float (&d)[16][8]) {
  float a[16][16];
  float b[16][8];
  for (unsigned lane = 0; lane < warp_lanes; lane++) {
    unsigned g = lane / 4;
    unsigned t = lane % 4 * 2;
    for (unsigned part = 0; part < 4; part++) {
      unsigned row = g + part % 2 * 8;
      unsigned column = t + part / 2 * 8;
      a[row][column] = low_bf16(operand[part][lane]);
      a[row][column + 1] = high_bf16(operand[part][lane]);
      d[row][t + part / 2] = std::bit_cast<float>(operand[6 + part % 2 * 2 + part / 2][lane]);
    }
    for (unsigned part = 0; part < 2; part++) {
      b[t + part * 8][g] = low_bf16(operand[4 + part][lane]);
      b[t + part * 8 + 1][g] = high_bf16(operand[4 + part][lane]);
    }
  }
  for (unsigned i = 0; i < 16; i++) {
    for (unsigned k = 0; k < 16; k++) {
      for (unsigned j = 0; j < 8; j++) {
        d[i][j] += a[i][k] * b[k][j];
      }
    }
  }
}

// Apart from softgpu_mma, so that the lanes that only wait have small frames.
[[gnu::noinline]] void multiply(Warp& warp) {
  float d[16][8];
  multiply(warp.operand, d);
  for (unsigned l = 0; l < warp_lanes; l++) {
    const float own[4] = {d[l / 4][l % 4 * 2], d[l / 4][l % 4 * 2 + 1], d[l / 4 + 8][l % 4 * 2], d[l / 4 + 8][l % 4 * 2 + 1]};
    std::memcpy(warp.threads[l]->result, own, sizeof own);
  }
}

struct Floats {
  float v[4];
};
struct Words {
  std::uint32_t v[4];
};

[[gnu::noinline]] void load_matrices(Warp& warp, int matrices, bool transposed) {
  for (unsigned lane = 0; lane < warp_lanes; lane++) {
    std::uint32_t words[4] = {};
    for (int m = 0; m < matrices; m++) {
      auto row = [&](unsigned r) {
        unsigned source = static_cast<unsigned>(m) * 8 + r;
        std::uint64_t address = warp.operand[0][source] | static_cast<std::uint64_t>(warp.operand[1][source]) << 32;
        return reinterpret_cast<const std::uint16_t*>(address);
      };
      unsigned g = lane / 4;
      unsigned t = lane % 4 * 2;
      std::uint32_t low = transposed ? row(t)[g] : row(g)[t];
      std::uint32_t high = transposed ? row(t + 1)[g] : row(g)[t + 1];
      words[m] = high << 16 | low;
    }
    std::memcpy(warp.threads[lane]->result, words, sizeof words);
  }
}

}  // namespace

}  // namespace softgpu::engine

using namespace softgpu::engine;

extern "C" [[gnu::visibility("default")]] Floats softgpu_mma(unsigned a0, unsigned a1, unsigned a2, unsigned a3, unsigned b0, unsigned b1, float d0,
                                                            float d1, float d2, float d3, const char* file, int line) {
  Thread& thread = current();
  unsigned lane = thread.lane;
  auto& operand = thread.warp->operand;
  const std::uint32_t brought[10] = {a0, a1, a2, a3, b0, b1, std::bit_cast<std::uint32_t>(d0), std::bit_cast<std::uint32_t>(d1),
                                     std::bit_cast<std::uint32_t>(d2), std::bit_cast<std::uint32_t>(d3)};
  for (unsigned i = 0; i < 10; i++) {
    operand[i][lane] = brought[i];
  }
  meet(thread, whole_warp, {"mma_bf16", file, line}, [](Warp& warp, unsigned) { multiply(warp); });
  Floats out;
  std::memcpy(&out, thread.result, sizeof out);
  return out;
}

extern "C" [[gnu::visibility("default")]] Words softgpu_ldmatrix(const void* row, int matrices, int transposed, const char* file, int line) {
  Thread& thread = current();
  auto address = reinterpret_cast<std::uintptr_t>(row);
  Site site{"ldmatrix", file, line};
  if (thread.lane < static_cast<unsigned>(matrices) * 8) {
    thread.worker->checker.check_vector(thread, address, 16, Access::read, site);
  }
  thread.warp->operand[0][thread.lane] = static_cast<std::uint32_t>(address);
  thread.warp->operand[1][thread.lane] = static_cast<std::uint32_t>(address >> 32);
  meet(thread, whole_warp, site,
       [&](Warp& warp, unsigned) { load_matrices(warp, matrices, transposed != 0); });
  Words out;
  std::memcpy(&out, thread.result, sizeof out);
  return out;
}
