// cublasLtMatmul: queued or captured like a kernel. Where the operands lie is checked when it runs.
#include <algorithm>

#include "device_memory.h"
#include "lt_objects.h"

namespace softgpu {
namespace {

// Everything that one call was given, taken at the call.
struct Call {
  LtProblem problem;
  LtAlgorithm algorithm;
  float alpha, beta;
  std::uintptr_t a, b, c, d, workspace;

  int slices() const { return algorithm.slices(problem); }
  Span slice(int s) const { return {problem.k() * s / slices(), problem.k() * (s + 1) / slices()}; }

  Product product() const {
    const LtProblem& p = problem;
    return {p.m(),
            p.n(),
            p.k(),
            {reinterpret_cast<const void*>(a), element(p.a.type), p.a.ld, p.desc.trans_a == CUBLAS_OP_T},
            {reinterpret_cast<const void*>(b), element(p.b.type), p.b.ld, p.desc.trans_b == CUBLAS_OP_T},
            p.desc.compute == CUBLAS_COMPUTE_32F_FAST_TF32};
  }
};

// A stored matrix in memory: columns of `rows` bytes, `ld` bytes apart.
struct Region {
  const char* name;
  std::uintptr_t address;
  std::uint64_t rows, cols, ld;

  std::uint64_t bytes() const { return (cols - 1) * ld + rows; }
};

Region region(const char* name, std::uintptr_t address, const LtLayout& layout) {
  const auto size = static_cast<std::uint64_t>(size_of(layout.type));
  return {name, address, layout.rows * size, layout.cols, static_cast<std::uint64_t>(layout.ld) * size};
}

// Whether two matrices share a byte. Those of one leading dimension may lie side by side in one wider matrix.
bool overlap(const Region& x, const Region& y) {
  if (x.address + x.bytes() <= y.address || y.address + y.bytes() <= x.address) return false;
  if (x.ld != y.ld) return true;
  const std::uint64_t shift = x.address <= y.address ? (y.address - x.address) % x.ld : (x.ld - (x.address - y.address) % x.ld) % x.ld;
  return shift < x.rows || shift + y.rows > x.ld;
}

std::optional<Fault> wrong(const std::string& text) { return Fault{CUDA_ERROR_ILLEGAL_ADDRESS, "cublasLtMatmul: " + text}; }

std::optional<Fault> check_regions(const Call& call) {
  const LtProblem& p = call.problem;
  const auto out_size = static_cast<std::uint64_t>(size_of(p.d.type));
  std::vector<Region> inputs = {region("A", call.a, p.a), region("B", call.b, p.b)};
  if (p.has_bias()) inputs.push_back({"the bias", p.desc.bias, p.d.rows * out_size, 1, p.d.rows * out_size});
  std::vector<Region> outputs = {region("D", call.d, p.d)};
  if (p.has_gelu()) outputs.push_back({"the auxiliary output", p.desc.aux, p.d.rows * out_size, p.d.cols, static_cast<std::uint64_t>(p.desc.aux_ld) * out_size});
  if (const auto bytes = call.algorithm.workspace(p); bytes > 0) outputs.push_back({"the workspace", call.workspace, bytes, 1, bytes});
  const bool in_place = call.c == call.d && p.c.ld == p.d.ld;
  if (call.beta != 0 && !in_place) inputs.push_back(region("C", call.c, p.c));
  for (const auto* list : {&inputs, &outputs}) {
    for (const Region& one : *list) {
      const std::string problem = misplaced(Space::device, one.address, one.bytes(), one.name);
      if (!problem.empty()) return wrong(problem);
    }
  }
  for (std::size_t i = 0; i < outputs.size(); i++) {
    for (const Region& input : inputs) {
      if (overlap(outputs[i], input)) return wrong(std::string(outputs[i].name) + " overlaps " + input.name);
    }
    for (std::size_t j = 0; j < i; j++) {
      if (overlap(outputs[i], outputs[j])) return wrong(std::string(outputs[i].name) + " overlaps " + outputs[j].name);
    }
  }
  return std::nullopt;
}

float load(std::uintptr_t address, int type, std::int64_t at) {
  if (type == CUDA_R_16BF) return bf16_to_float(reinterpret_cast<const std::uint16_t*>(address)[at]);
  return reinterpret_cast<const float*>(address)[at];
}

void store(std::uintptr_t address, int type, std::int64_t at, float value) {
  if (type == CUDA_R_16BF) {
    reinterpret_cast<std::uint16_t*>(address)[at] = float_to_bf16(value);
  } else {
    reinterpret_cast<float*>(address)[at] = value;
  }
}

// D = epilogue(alpha sums + beta C) for some columns; with beta 0 C is not read.
void finish_columns(const Call& call, Span columns, const float* sums) {
  const LtProblem& p = call.problem;
  for (std::int64_t j = columns.begin; j < columns.end; j++) {
    for (std::int64_t i = 0; i < p.m(); i++) {
      float value = call.alpha * sums[i + (j - columns.begin) * p.m()];
      if (call.beta != 0) value += call.beta * load(call.c, p.c.type, i + j * p.c.ld);
      if (p.has_bias()) value += load(p.desc.bias, p.bias_type(), i);
      if (p.has_gelu()) {
        store(p.desc.aux, p.aux_type(), i + j * p.desc.aux_ld, value);
        value = gelu(value);
      }
      store(call.d, p.d.type, i + j * p.d.ld, value);
    }
  }
}

std::optional<Fault> compute(const Call& call) {
  if (auto fault = check_regions(call)) return fault;
  constexpr std::int64_t kColumns = 256;
  const std::int64_t m = call.problem.m(), n = call.problem.n();
  std::vector<float> sums(static_cast<std::size_t>(m * std::min(n, kColumns)));
  for (std::int64_t j = 0; j < n; j += kColumns) {
    const Span columns = {j, std::min(n, j + kColumns)};
    for (int s = 0; s < call.slices(); s++) multiply(call.product(), call.slice(s), columns, sums.data(), s > 0);
    finish_columns(call, columns, sums.data());
  }
  return std::nullopt;
}

// The two kernels of an algorithm that keeps its partial sums in the workspace.
std::optional<Fault> compute_partial_sums(const Call& call) {
  if (auto fault = check_regions(call)) return fault;
  const std::int64_t m = call.problem.m(), n = call.problem.n();
  for (int s = 0; s < call.slices(); s++) multiply(call.product(), call.slice(s), {0, n}, reinterpret_cast<float*>(call.workspace) + s * m * n, false);
  return std::nullopt;
}

std::optional<Fault> add_partial_sums(const Call& call) {
  if (auto fault = check_regions(call)) return fault;
  const std::int64_t m = call.problem.m(), n = call.problem.n();
  const auto* parts = reinterpret_cast<const float*>(call.workspace);
  std::vector<float> sums(static_cast<std::size_t>(m));
  for (std::int64_t j = 0; j < n; j++) {
    for (std::int64_t i = 0; i < m; i++) {
      sums[static_cast<std::size_t>(i)] = 0;
      for (int s = 0; s < call.slices(); s++) sums[static_cast<std::size_t>(i)] += parts[i + (j + s * n) * m];
    }
    finish_columns(call, {j, j + 1}, sums.data());
  }
  return std::nullopt;
}

// To a graph a product is a kernel like any other, of a function that belongs to nobody.
WorkRef kernel(const char* name, const std::shared_ptr<const Call>& call, std::optional<Fault> (*body)(const Call&)) {
  static const Handle library_function = next_handle();
  const auto work = std::make_shared<Work>();
  work->type = CU_GRAPH_NODE_TYPE_KERNEL;
  work->name = name;
  work->kernel.function = library_function;
  work->kernel.block = {128, 1, 1};
  work->run = [call, body](std::uint64_t) { return body(*call); };
  return work;
}

void check_pointers(const Call& call) {
  const std::uintptr_t operands[] = {call.a, call.b, call.beta != 0 ? call.c : 0, call.d};
  const int types[] = {call.problem.a.type, call.problem.b.type, call.problem.c.type, call.problem.d.type};
  for (int i = 0; i < 4; i++) {
    if (operands[i] == 0 && !(i == 2 && call.beta == 0)) throw Refusal{CUBLAS_STATUS_INVALID_VALUE, "an operand is null"};
    const std::uint64_t alignment = std::max<std::uint64_t>(call.algorithm.alignment[i], static_cast<std::uint64_t>(size_of(types[i])));
    if (operands[i] % alignment != 0) {
      throw Refusal{CUBLAS_STATUS_NOT_SUPPORTED, std::string("operand ") + "ABCD"[i] + " at " + hex(operands[i]) +
                                                     ", the algorithm was found for a multiple of " + std::to_string(alignment)};
    }
  }
  if (call.problem.has_bias() && call.problem.desc.bias == 0) throw Refusal{CUBLAS_STATUS_INVALID_VALUE, "the bias is null"};
  if (call.problem.has_gelu() && call.problem.desc.aux == 0) throw Refusal{CUBLAS_STATUS_INVALID_VALUE, "the auxiliary output is null"};
}

void check_workspace(const Call& call, std::size_t given) {
  const std::uint64_t needed = call.algorithm.workspace(call.problem);
  if (needed > given || (needed > 0 && call.workspace == 0)) {
    throw Refusal{CUBLAS_STATUS_INVALID_VALUE, "the algorithm needs a workspace of " + std::to_string(needed) + " bytes, given are " + std::to_string(given)};
  }
  if (call.workspace % 16 != 0) throw Refusal{CUBLAS_STATUS_INVALID_VALUE, "the workspace is not aligned to 16 bytes"};
}

void submit(const std::shared_ptr<const Call>& call, Handle stream_handle) {
  try {
    require(Needs::context);
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (call->algorithm.kind == LtAlgorithm::split_depth) {
      device.submit(stream, kernel("partial sums of cublasLtMatmul", call, compute_partial_sums));
      device.submit(stream, kernel("sum of cublasLtMatmul", call, add_partial_sums));
    } else {
      device.submit(stream, kernel("cublasLtMatmul", call, compute));
    }
  } catch (const Refusal& refusal) {
    throw Refusal{CUBLAS_STATUS_EXECUTION_FAILED, refusal.reason};
  }
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT int cublasLtMatmul(Handle handle, Handle desc, const float* alpha, std::uintptr_t a, Handle a_layout, std::uintptr_t b, Handle b_layout,
                                  const float* beta, std::uintptr_t c, Handle c_layout, std::uintptr_t d, Handle d_layout,
                                  const cublasLtMatmulAlgo_t* algo, std::uintptr_t workspace, std::size_t workspace_bytes, Handle stream) {
  return cublas_call("cublasLtMatmul", [&] {
    lt_handles().get(handle);
    const LtProblem problem = lt_problem(desc, a_layout, b_layout, c_layout, d_layout);
    const LtAlgorithm algorithm = algo != nullptr ? LtAlgorithm::decode(*algo, problem) : LtAlgorithm{LtAlgorithm::plain, {1, 1, 1, 1}};
    const auto call = std::make_shared<const Call>(Call{problem, algorithm, *given(alpha, "alpha", CUBLAS_STATUS_INVALID_VALUE),
                                                        *given(beta, "beta", CUBLAS_STATUS_INVALID_VALUE), a, b, c, d, workspace});
    check_pointers(*call);
    check_workspace(*call, workspace_bytes);
    submit(call, stream);
    return CUBLAS_STATUS_SUCCESS;
  });
}
