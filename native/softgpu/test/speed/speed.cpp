// Figures of the engine, in processor time (so that what else runs does not count): nanoseconds per switch of fibres, GFLOP/s and core of a matrix
// product by mma, microseconds per launch. Not figures of any kernel.
#include <ctime>

#include "../run_kernel.h"

using namespace softgpu_test;

namespace {

double processor_seconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

template <class Body>
double seconds(int turns, Body body) {
  body();
  double begin = processor_seconds();
  for (int i = 0; i < turns; i++) body();
  return (processor_seconds() - begin) / turns;
}

}  // namespace

int main(int argc, char** argv) {
  begin(argc, argv);
  Kernels k(native() / "softgpu/test/primitives/primitives.cu", {"-arch=sm_80"});
  const long n = 512, rows = 2000, width = 256;
  Array<std::uint16_t> a(n * n), b(n * n);
  Array<float> c(n * n), x(rows * width), out(rows), one(1);
  for (long i = 0; i < n * n; i++) a[i] = b[i] = to_bf16(static_cast<float>(i % 7));
  for (long i = 0; i < rows * width; i++) x[i] = static_cast<float>(i % 7);

  const unsigned switches = 10000, threads = 256;
  double barriers = seconds(3, [&] { k.launch("barriers", {2}, {threads}, 0, static_cast<int>(switches), one.data()); });
  std::printf("switch: %.0f ns\n", barriers / 2 / switches / threads * 1e9);
  double sums = seconds(3, [&] { k.launch("row_sum", {2000}, {256}, 0, x.data(), out.data(), rows * 1LL, width * 1LL); });
  std::printf("row sums, 2000 x 256 threads: %.0f ms on one core\n", sums * 1e3);
  double product = seconds(3, [&] {
    k.launch("matmul", {8, 8}, {128}, 4 * 64 * 64 * 2, a.data(), b.data(), c.data(), n * 1LL, n * 1LL);
  });
  std::printf("mma %ld^3: %.2f GFLOP/s and core\n", n, 2e-9 * n * n * n / product);
  double launch = seconds(1000, [&] { k.launch("barriers", {1}, {32}, 0, 0, one.data()); });
  std::printf("launch of one block of 32 threads: %.1f us\n", launch * 1e6);
}
