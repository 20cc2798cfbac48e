// The engine's primitives against plain loops that share nothing with it.
#include <chrono>

#include "../run_kernel.h"

using namespace softgpu_test;

namespace {

void check_row_sum(Kernels& k) {
  const long rows = 37, width = 1001;
  Array<float> x(rows * width, 1), out(rows);
  std::vector<double> want(rows);
  for (long i = 0; i < x.size(); i++) {
    x[i] = static_cast<float>((i * 7919 % 1000) / 1000.0 - 0.5);
    want[i / width] += x[i];
  }
  k.launch("row_sum", {40}, {256}, 0, x.data(), out.data(), static_cast<long long>(rows), static_cast<long long>(width));
  expect_near("row_sum", out, want, 1e-4);
}

void check_matmul(Kernels& k, long m, long n, long depth) {
  Array<std::uint16_t> a(m * depth), b(depth * n);
  Array<float> c(m * n);
  for (long i = 0; i < a.size(); i++) a[i] = to_bf16(static_cast<float>((i * 31 % 17) - 8) / 8);
  for (long i = 0; i < b.size(); i++) b[i] = to_bf16(static_cast<float>((i * 13 % 23) - 11) / 16);
  auto begin = std::chrono::steady_clock::now();
  k.launch("matmul", {static_cast<unsigned>(n / 64), static_cast<unsigned>(m / 64)}, {128}, 4 * 64 * 64 * 2, a.data(), b.data(), c.data(),
           static_cast<long long>(n), static_cast<long long>(depth));
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  std::vector<double> want(m * n);
  for (long i = 0; i < m; i++)
    for (long kk = 0; kk < depth; kk++)
      for (long j = 0; j < n; j++) want[i * n + j] += static_cast<double>(to_float(a[i * depth + kk])) * to_float(b[kk * n + j]);
  expect_near("matmul", c, want, 1e-4);
  std::printf("matmul %ld x %ld x %ld: %.2f GFLOP/s\n", m, n, depth, 2e-9 * m * n * depth / time.count());
}

void check_fragments(Kernels& k) {
  Array<std::uint16_t> x(256);
  for (long i = 0; i < 256; i++) x[i] = static_cast<std::uint16_t>(i);
  Array<std::uint32_t> plain(128), transposed(128);
  k.launch("fragments", {1}, {32}, 0, x.data(), plain.data(), transposed.data());
  for (unsigned m = 0; m < 4; m++) {
    for (unsigned lane = 0; lane < 32; lane++) {
      unsigned g = lane / 4, t = lane % 4 * 2;
      unsigned want = (m * 64 + g * 8 + t) | (m * 64 + g * 8 + t + 1) << 16;
      unsigned turned = (m * 64 + t * 8 + g) | (m * 64 + (t + 1) * 8 + g) << 16;
      if (plain[m * 32 + lane] != want || transposed[m * 32 + lane] != turned) {
        die("ldmatrix: matrix " + std::to_string(m) + ", lane " + std::to_string(lane));
      }
    }
  }
}

void check_votes(Kernels& k) {
  Array<int> out(4 + 64);
  Array<unsigned long long> total(1);
  out[3] = total[0] = 0;
  k.launch("votes", {1}, {64}, 0, out.data(), total.data());
  bool right = out[0] == 0x49249249 && out[1] == 22 && out[2] == 3 && out[3] == 63 && total[0] == 2016;
  for (int t = 0; t < 64; t++) {
    int warp = t / 32 * 32, lane = t % 32;
    int low = warp + lane / 16 * 16 + 5, up = lane == 0 ? t : t - 1, down = lane == 31 ? t : t + 1;
    right = right && out[4 + t] == low * 10000 + up * 100 + down;
  }
  if (!right) {
    die("votes, counts, shuffles or atomics");
  }
}

void check_halves(Kernels& k) {
  Array<int> out(40 * 12);
  k.launch("halves", {2, 3, 2}, {8, 5}, 0, out.data());
  for (long i = 0; i < out.size(); i++) {
    int t = static_cast<int>(i % 40);
    if (out[i] != (t % 16 < 8 ? t ^ 1 : (t ^ 2) + 1000)) {
      die("shuffles of half a warp: element " + std::to_string(i) + " is " + std::to_string(out[i]));
    }
  }
}

void check_last_block(Kernels& k) {
  Array<float> x(23), partial(23), out(1);
  Array<unsigned> finished(1);
  finished[0] = 0;
  for (long i = 0; i < 23; i++) x[i] = static_cast<float>(i);
  k.launch("last_block_adds", {23}, {64}, 0, x.data(), partial.data(), finished.data(), out.data());
  expect_near("last_block_adds", out, {23 * 22}, 0);
  if (finished[0] != 0) {
    die("last_block_adds: the count");
  }
}

void check_copies(Kernels& k) {
  for (int bytes : {1, 15, 16, 17, 40, 64}) {
    Array<unsigned char> x(bytes), y(64);
    for (long i = 0; i < bytes; i++) x[i] = static_cast<unsigned char>(i + 1);
    k.launch("copy_rows", {1}, {4}, 0, x.data(), y.data(), bytes);
    for (long i = 0; i < 64; i++) {
      if (y[i] != (i < bytes ? i + 1 : 0)) {
        die("cp.async of " + std::to_string(bytes) + " bytes: byte " + std::to_string(i));
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  begin(argc, argv);
  auto begin = std::chrono::steady_clock::now();
  Kernels k(native() / "softgpu/test/primitives/primitives.cu", {"-arch=sm_80"});
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  std::printf("compiled in %.2f s\n", time.count());
  for (int i = 0; i < 20; i++) {
    check_row_sum(k);
    check_fragments(k);
    check_votes(k);
    check_halves(k);
    check_last_block(k);
    check_copies(k);
  }
  check_matmul(k, 128, 64, 192);
  check_matmul(k, 256, 256, 256);
  std::printf("all right\n");
}
