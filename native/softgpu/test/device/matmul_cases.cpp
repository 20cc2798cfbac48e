// Products of cublasLt against double precision, its refusals, its workspace, and where operands may lie.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "api.h"

using namespace test;

namespace {

float from_bf16(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, 4);
  return value;
}

std::uint16_t to_bf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// A matrix on the device with its values, column-major, element type 0 (float32) or 14 (bfloat16).
struct Matrix {
  int type;
  std::int64_t rows, cols, ld;
  std::vector<double> values;  // as they are stored, rounded
  CUdeviceptr address;
  Handle layout = 0;

  Matrix(int type, std::int64_t rows, std::int64_t cols, std::int64_t ld, std::mt19937_64& random) : type(type), rows(rows), cols(cols), ld(ld) {
    std::normal_distribution<float> normal;
    const auto count = static_cast<std::size_t>((cols - 1) * ld + rows);
    std::vector<float> wide(count);
    std::vector<std::uint16_t> narrow(count);
    for (std::size_t i = 0; i < count; i++) {
      narrow[i] = to_bf16(wide[i] = normal(random));
      values.push_back(type == CUDA_R_16BF ? from_bf16(narrow[i]) : wide[i]);
    }
    const std::size_t bytes = count * size();
    address = allocate(bytes);
    ok(cuMemcpyHtoDAsync_v2(address, type == CUDA_R_16BF ? static_cast<void*>(narrow.data()) : wide.data(), bytes, 0));
    ok(cuCtxSynchronize());
    ok(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(cols), ld));
  }

  std::size_t size() const { return type == CUDA_R_16BF ? 2 : 4; }

  double at(std::int64_t i, std::int64_t j) const { return values[static_cast<std::size_t>(i + j * ld)]; }

  std::vector<double> now(Handle s) const {
    std::vector<double> result;
    if (type == CUDA_R_16BF) {
      for (const auto bits : download<std::uint16_t>(address, values.size(), s)) result.push_back(from_bf16(bits));
    } else {
      for (const float value : download<float>(address, values.size(), s)) result.push_back(value);
    }
    return result;
  }

  ~Matrix() {
    ok(cublasLtMatrixLayoutDestroy(layout));
    ok(cuMemFree_v2(address));
  }
};

template <class T>
void set(Handle desc, int attribute, T value) {
  ok(cublasLtMatmulDescSetAttribute(desc, attribute, &value, sizeof value));
}

// One product with everything that belongs to it.
struct Product {
  Handle lt = 0, desc = 0, preference = 0;
  bool ta, tb;
  int epilogue;
  std::int64_t m, n, k;
  std::mt19937_64 random;
  Matrix a, b, c, bias, aux;

  Product(std::uint64_t seed, int in, int out, int compute, bool ta, bool tb, int epilogue, std::int64_t m, std::int64_t n, std::int64_t k, int pad)
      : ta(ta), tb(tb), epilogue(epilogue), m(m), n(n), k(k), random(seed), a(in, ta ? k : m, ta ? m : k, (ta ? k : m) + pad, random),
        b(in, tb ? n : k, tb ? k : n, (tb ? n : k) + pad, random), c(out, m, n, m + pad, random), bias(out, m, 1, m, random),
        aux(out, m, n, (m + 7) / 8 * 8, random) {
    ok(cublasLtCreate(&lt));
    ok(cublasLtMatmulDescCreate(&desc, compute, CUDA_R_32F));
    ok(cublasLtMatmulPreferenceCreate(&preference));
    set<std::int32_t>(desc, CUBLASLT_MATMUL_DESC_TRANSA, ta);
    set<std::int32_t>(desc, CUBLASLT_MATMUL_DESC_TRANSB, tb);
    set<std::uint32_t>(desc, CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(epilogue));
    set<std::uint64_t>(desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias.address);
    set<std::uint64_t>(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, aux.address);
    set<std::int64_t>(desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, aux.ld);
    std::uint64_t workspace = 1 << 20;
    ok(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace, sizeof workspace));
  }

  std::vector<cublasLtMatmulHeuristicResult_t> algorithms() {
    std::vector<cublasLtMatmulHeuristicResult_t> results(8);
    int count = 0;
    ok(cublasLtMatmulAlgoGetHeuristic(lt, desc, a.layout, b.layout, c.layout, c.layout, preference, 8, results.data(), &count));
    results.resize(static_cast<std::size_t>(count));
    // Any may come first; here the one with a workspace is last.
    std::stable_sort(results.begin(), results.end(), [](const auto& x, const auto& y) { return x.workspaceSize < y.workspaceSize; });
    return results;
  }

  int multiply(const cublasLtMatmulHeuristicResult_t& how, float alpha, float beta, CUdeviceptr workspace, std::size_t bytes, Handle s) {
    return cublasLtMatmul(lt, desc, &alpha, a.address, a.layout, b.address, b.layout, &beta, c.address, c.layout, c.address, c.layout, &how.algo,
                          workspace, bytes, s);
  }

  double expected_sum(std::int64_t i, std::int64_t j, double alpha, double beta) const {
    double sum = 0;
    for (std::int64_t p = 0; p < k; p++) sum += (ta ? a.at(p, i) : a.at(i, p)) * (tb ? b.at(j, p) : b.at(p, j));
    return alpha * sum + (beta == 0 ? 0 : beta * c.at(i, j)) + ((epilogue & CUBLASLT_EPILOGUE_BIAS) != 0 ? bias.at(i, 0) : 0);
  }

  ~Product() {
    ok(cublasLtMatmulDescDestroy(desc));
    ok(cublasLtMatmulPreferenceDestroy(preference));
    ok(cublasLtDestroy(lt));
  }
};

double gelu(double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }

void near(double actual, double expected, double tolerance, const char* what) {
  if (!(std::fabs(actual - expected) <= tolerance * (1 + std::fabs(expected)))) {
    fail(std::string(what) + ": " + std::to_string(actual) + ", expected " + std::to_string(expected), std::source_location::current());
  }
}

void compare(Product& product, const cublasLtMatmulHeuristicResult_t& how, float alpha, float beta, double tolerance) {
  const Handle s = stream();
  const CUdeviceptr workspace = allocate(how.workspaceSize + 16);
  ok(product.multiply(how, alpha, beta, workspace, how.workspaceSize, s));
  const auto result = product.c.now(s), aux = product.aux.now(s);
  const bool activated = (product.epilogue & CUBLASLT_EPILOGUE_GELU_AUX) == CUBLASLT_EPILOGUE_GELU_AUX;
  for (std::int64_t j = 0; j < product.n; j++) {
    for (std::int64_t i = 0; i < product.c.ld; i++) {
      const auto at = static_cast<std::size_t>(i + j * product.c.ld);
      if (i >= product.m) {
        if (at < result.size()) check(result[at] == product.c.values[at], "between the columns nothing is written");
        continue;
      }
      const double expected = product.expected_sum(i, j, alpha, beta);
      near(result[at], activated ? gelu(expected) : expected, tolerance, "D");
      if (activated) near(aux[static_cast<std::size_t>(i + j * product.aux.ld)], expected, tolerance, "the auxiliary output");
    }
  }
  product.c.values = result;
  ok(cuMemFree_v2(workspace));
  ok(cuStreamDestroy_v2(s));
}

void products(std::uint64_t seed) {
  struct Kind {
    int in, out, compute;
    double tolerance;
  };
  const Kind kinds[] = {{CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, 5e-3},
                        {CUDA_R_16BF, CUDA_R_32F, CUBLAS_COMPUTE_32F, 1e-5},
                        {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, 1e-5},
                        {CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 2e-2}};
  std::mt19937_64 random(seed);
  for (const Kind& kind : kinds) {
    for (const int epilogue : {CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_BIAS, CUBLASLT_EPILOGUE_GELU_AUX, CUBLASLT_EPILOGUE_GELU_AUX_BIAS}) {
      for (int transposes = 0; transposes < 4; transposes++) {
        const auto size = [&](int most) { return static_cast<std::int64_t>(1 + random() % static_cast<unsigned>(most)); };
        Product product(random(), kind.in, kind.out, kind.compute, (transposes & 1) != 0, (transposes & 2) != 0, epilogue, size(40), size(40), size(70),
                        static_cast<int>(random() % 4));
        const auto algorithms = product.algorithms();
        check(algorithms.size() == 3, "three ways to multiply");
        compare(product, algorithms[random() % 3], 0.5f, 0, kind.tolerance);
        compare(product, algorithms[random() % 3], 1, 1, 2 * kind.tolerance);
      }
    }
  }
}

// With beta 0 the old values of D must not matter, not even NaN.
void beta_zero(std::uint64_t seed) {
  Product product(seed, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, false, false, CUBLASLT_EPILOGUE_DEFAULT, 5, 6, 7, 0);
  ok(cuMemsetD32Async(product.c.address, 0x7fc00000, 30, 0));
  ok(cuCtxSynchronize());
  compare(product, product.algorithms()[0], 1, 0, 1e-5);
}

void refusals(std::uint64_t seed) {
  Product product(seed, CUDA_R_16BF, CUDA_R_16BF, CUBLAS_COMPUTE_32F, false, false, CUBLASLT_EPILOGUE_GELU_AUX_BIAS, 12, 6, 7, 0);
  const auto algorithms = product.algorithms();
  const auto& split = algorithms[2];
  check(split.workspaceSize == 4 * 12 * 6 * 4, "the third keeps four partial sums in the workspace");
  const CUdeviceptr workspace = allocate(split.workspaceSize);
  const Handle s = stream();
  refused(7, product.multiply(split, 1, 0, workspace, split.workspaceSize - 1, s), "workspace");
  refused(7, product.multiply(split, 1, 0, 0, split.workspaceSize, s), "workspace");
  cublasLtMatmulHeuristicResult_t checked = {};
  ok(cublasLtMatmulAlgoCheck(product.lt, product.desc, product.a.layout, product.b.layout, product.c.layout, product.c.layout, &split.algo, &checked));
  check(checked.workspaceSize == split.workspaceSize, "a check tells the workspace");
  const auto status = [&] {
    cublasLtMatmulHeuristicResult_t result = {};
    int count = 0;
    return cublasLtMatmulAlgoGetHeuristic(product.lt, product.desc, product.a.layout, product.b.layout, product.c.layout, product.c.layout,
                                          product.preference, 1, &result, &count);
  };
  set<std::int64_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, 20);
  refused(15, status(), "multiple of 8");
  set<std::int64_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, 16);
  set<std::uint64_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, product.aux.address + 2);
  refused(15, status(), "multiple of 16");
  set<std::uint64_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER, product.aux.address);
  set<std::uint64_t>(product.desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias.address + 8);
  refused(15, status(), "multiple of 16");
  set<std::uint64_t>(product.desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias.address);
  set<std::uint32_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE, 2);
  refused(15, status(), "epilogue 2");
  set<std::uint32_t>(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_DEFAULT);
  refused(15, product.multiply(algorithms[0], 1, 0, 0, 0, s), "another epilogue");
  const auto plain = product.algorithms()[0];
  product.a.address += 2;
  refused(15, product.multiply(plain, 1, 0, 0, 0, s), "operand A");
  product.a.address -= 2;
  set<std::int32_t>(product.desc, CUBLASLT_MATMUL_DESC_TRANSA, 1);
  refused(7, status(), "do not fit");
  std::int32_t wide = 1;
  refused(7, cublasLtMatmulDescSetAttribute(product.desc, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, &wide, sizeof wide), "8 bytes");
  refused(15, cublasLtMatmulDescSetAttribute(product.desc, 999, &wide, sizeof wide), "999");
  ok(cuMemFree_v2(workspace));
  ok(cuStreamDestroy_v2(s));
}

// A product runs in its stream and in graphs like a kernel; one that keeps partial sums is two nodes.
void captured(std::uint64_t seed) {
  Product product(seed, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, false, true, CUBLASLT_EPILOGUE_DEFAULT, 9, 10, 11, 1);
  const auto split = product.algorithms()[2];
  const CUdeviceptr workspace = allocate(split.workspaceSize);
  const Handle s = stream();
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(product.multiply(split, 1, 0, workspace, split.workspaceSize, s));
  ok(cuStreamEndCapture(s, &graph));
  std::size_t count = 0;
  ok(cuGraphGetNodes(graph, nullptr, &count));
  check(count == 2, "partial sums and their sum");
  Handle nodes[2];
  ok(cuGraphGetNodes(graph, nodes, &count));
  CUDA_KERNEL_NODE_PARAMS_v2 parameters = {};
  for (const Handle node : nodes) ok(cuGraphKernelNodeGetParams_v2(node, &parameters));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  check(product.c.now(s) == product.c.values, "nothing ran during the capture");
  ok(cuGraphLaunch(exec, s));
  const auto result = product.c.now(s);
  for (std::int64_t i = 0; i < 9; i++) near(result[static_cast<std::size_t>(i)], product.expected_sum(i, 0, 1, 0), 1e-5, "D");
  ok(cuGraphExecDestroy(exec));
  ok(cuGraphDestroy(graph));
  ok(cuMemFree_v2(workspace));
  ok(cuStreamDestroy_v2(s));
}

// The product reads `bytes` past the end of A's memory: the fault that it ends in.
void beyond_the_end(std::uint64_t seed) {
  auto* product = new Product(seed, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, false, false, CUBLASLT_EPILOGUE_DEFAULT, 8, 8, 8, 0);
  const std::uint64_t columns = 9;
  ok(cublasLtMatrixLayoutDestroy(product->a.layout));
  ok(cublasLtMatrixLayoutCreate(&product->a.layout, CUDA_R_32F, 8, columns, 8));
  ok(cublasLtMatrixLayoutDestroy(product->b.layout));
  ok(cublasLtMatrixLayoutCreate(&product->b.layout, CUDA_R_32F, columns, 8, 9));
  const auto plain = product->algorithms()[0];
  const Handle s = stream();
  const int code = product->multiply(plain, 1, 0, 0, 0, s);
  if (code != 0) refused(13, code, "A needs");
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(s), "A needs");
  refused(13, product->multiply(plain, 1, 0, 0, 0, s), "A needs");
  expect_dirty_end();
}

// D may lie beside A in one wider matrix, but not on it.
void overlap(std::uint64_t seed) {
  auto* product = new Product(seed, CUDA_R_32F, CUDA_R_32F, CUBLAS_COMPUTE_32F, false, false, CUBLASLT_EPILOGUE_DEFAULT, 4, 4, 4, 8);
  const CUdeviceptr other = product->c.address;
  const auto plain = [&] {
    std::uint32_t alignment = 4;
    ok(cublasLtMatmulPreferenceSetAttribute(product->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, &alignment, 4));
    ok(cublasLtMatmulPreferenceSetAttribute(product->preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &alignment, 4));
    return product->algorithms()[0];
  }();
  const Handle s = stream();
  CUdeviceptr wide = allocate(4 * 4 * 12);
  ok(cuMemcpyDtoDAsync_v2(wide, product->a.address, (3 * 12 + 4) * 4, s));
  ok(cuStreamSynchronize(s));
  const CUdeviceptr a = product->a.address;
  product->a.address = wide;
  product->c.address = wide + 16;
  ok(product->multiply(plain, 1, 0, 0, 0, s));
  ok(cuStreamSynchronize(s));
  product->c.address = wide + 12;
  const int code = product->multiply(plain, 1, 0, 0, 0, s);
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, code == 0 ? cuStreamSynchronize(s) : cuCtxSynchronize(), "D overlaps A");
  product->a.address = a;
  product->c.address = other;
  expect_dirty_end();
}

const Declare cases_of_products[] = {{"matmul.products", products}, {"matmul.beta_zero", beta_zero}, {"matmul.refusals", refusals},
                                     {"matmul.captured", captured}, {"matmul.beyond_the_end", beyond_the_end}, {"matmul.overlap", overlap}};

}  // namespace
