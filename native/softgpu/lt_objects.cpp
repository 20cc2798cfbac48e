#include "lt_objects.h"

#include <algorithm>

namespace softgpu {

Table<LtHandle>& lt_handles() {
  static auto* const table = new Table<LtHandle>("cublasLt handle", AnyTable::Owner::process, CUBLAS_STATUS_NOT_INITIALIZED);
  return *table;
}

Table<LtLayout>& lt_layouts() {
  static auto* const table = new Table<LtLayout>("cublasLt matrix layout", AnyTable::Owner::process, CUBLAS_STATUS_INVALID_VALUE);
  return *table;
}

Table<LtDesc>& lt_descs() {
  static auto* const table = new Table<LtDesc>("cublasLt matmul descriptor", AnyTable::Owner::process, CUBLAS_STATUS_INVALID_VALUE);
  return *table;
}

Table<LtPreference>& lt_preferences() {
  static auto* const table = new Table<LtPreference>("cublasLt preference", AnyTable::Owner::process, CUBLAS_STATUS_INVALID_VALUE);
  return *table;
}

std::int64_t size_of(int type) { return type == CUDA_R_16BF ? 2 : 4; }

namespace {

[[noreturn]] void invalid(const std::string& reason) { throw Refusal{CUBLAS_STATUS_INVALID_VALUE, reason}; }
[[noreturn]] void unsupported(const std::string& reason) { throw Refusal{CUBLAS_STATUS_NOT_SUPPORTED, reason}; }

std::string shape(const LtLayout& layout) { return std::to_string(layout.rows) + " x " + std::to_string(layout.cols); }

void check_shapes(const LtProblem& problem) {
  const bool ta = problem.desc.trans_a == CUBLAS_OP_T, tb = problem.desc.trans_b == CUBLAS_OP_T;
  const LtLayout &a = problem.a, &b = problem.b, &c = problem.c, &d = problem.d;
  const bool fits = (ta ? a.cols : a.rows) == d.rows && (tb ? b.rows : b.cols) == d.cols && (ta ? a.rows : a.cols) == (tb ? b.cols : b.rows) &&
                    c.rows == d.rows && c.cols == d.cols;
  if (!fits) {
    invalid("the shapes do not fit: A " + shape(a) + (ta ? " transposed" : "") + ", B " + shape(b) + (tb ? " transposed" : "") + ", C " + shape(c) +
            ", D " + shape(d));
  }
  for (const LtLayout* layout : {&a, &b, &c, &d}) {
    if (layout->rows == 0 || layout->cols == 0) invalid("an empty matrix, " + shape(*layout));
    if (layout->ld < static_cast<std::int64_t>(layout->rows)) {
      invalid("the leading dimension " + std::to_string(layout->ld) + " is less than the rows of " + shape(*layout));
    }
  }
}

void check_types(const LtProblem& problem) {
  const LtLayout &a = problem.a, &b = problem.b, &c = problem.c, &d = problem.d;
  for (const LtLayout* layout : {&a, &b, &c, &d}) {
    if (layout->type != CUDA_R_16BF && layout->type != CUDA_R_32F) unsupported("a matrix of type " + std::to_string(layout->type));
  }
  if (c.type != d.type) unsupported("C and D of different types");
  if (a.type != b.type) unsupported("A and B of different types");
  if (a.type == CUDA_R_32F && d.type != CUDA_R_32F) unsupported("a float32 product stored as bfloat16");
  if (problem.desc.scale != CUDA_R_32F) unsupported("a scale that is not float32");
  const bool tf32 = problem.desc.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  if (problem.desc.compute != CUBLAS_COMPUTE_32F && !tf32) unsupported("compute type " + std::to_string(problem.desc.compute));
  if (tf32 && a.type != CUDA_R_32F) unsupported("TF32 of matrices that are not float32");
}

void check_epilogue(const LtProblem& problem) {
  const LtDesc& desc = problem.desc;
  switch (desc.epilogue) {
    case CUBLASLT_EPILOGUE_DEFAULT:
    case CUBLASLT_EPILOGUE_BIAS:
    case CUBLASLT_EPILOGUE_GELU_AUX:
    case CUBLASLT_EPILOGUE_GELU_AUX_BIAS: break;
    default: unsupported("epilogue " + std::to_string(desc.epilogue));
  }
  if (problem.has_bias() && desc.bias % 16 != 0) unsupported("a bias at an address that is not a multiple of 16: " + hex(desc.bias));
  if (problem.has_bias() && problem.bias_type() != problem.d.type) unsupported("a bias whose type is not D's");
  if (!problem.has_gelu()) return;
  if (desc.aux % 16 != 0) unsupported("an auxiliary output at an address that is not a multiple of 16: " + hex(desc.aux));
  if (desc.aux_ld % 8 != 0) unsupported("the leading dimension of the auxiliary output is no multiple of 8: " + std::to_string(desc.aux_ld));
  if (desc.aux_ld < problem.m()) invalid("the leading dimension of the auxiliary output is less than D's rows: " + std::to_string(desc.aux_ld));
  if (problem.aux_type() != problem.d.type) unsupported("an auxiliary output whose type is not D's");
}

}  // namespace

LtProblem lt_problem(Handle desc, Handle a, Handle b, Handle c, Handle d) {
  const LtProblem problem = {*lt_descs().get(desc), *lt_layouts().get(a), *lt_layouts().get(b), *lt_layouts().get(c), *lt_layouts().get(d)};
  check_shapes(problem);
  check_types(problem);
  check_epilogue(problem);
  return problem;
}

namespace {

constexpr std::uint64_t kMagic = 0x3130544c54464f53u;  // "SOFTLT01" in memory

// An algorithm fits products of the same types, transposes and epilogue.
std::uint64_t signature(const LtProblem& problem) {
  std::uint64_t value = 0;
  for (const int part : {problem.a.type, problem.d.type, problem.desc.compute, problem.desc.trans_a, problem.desc.trans_b, problem.desc.epilogue}) {
    value = value * 1009 + static_cast<std::uint64_t>(part);
  }
  return value;
}

}  // namespace

int LtAlgorithm::slices(const LtProblem& problem) const { return kind == plain ? 1 : static_cast<int>(std::min<std::int64_t>(4, problem.k())); }

std::uint64_t LtAlgorithm::workspace(const LtProblem& problem) const {
  if (kind != split_depth) return 0;
  return static_cast<std::uint64_t>(slices(problem)) * problem.d.rows * problem.d.cols * sizeof(float);
}

cublasLtMatmulAlgo_t LtAlgorithm::encode(const LtProblem& problem) const {
  cublasLtMatmulAlgo_t algo = {{kMagic, kind, signature(problem), 0, 0, 0, 0, 0}};
  std::copy(alignment, alignment + 4, algo.data + 3);
  return algo;
}

LtAlgorithm LtAlgorithm::decode(const cublasLtMatmulAlgo_t& algo, const LtProblem& problem) {
  if (algo.data[0] != kMagic || algo.data[1] > split_depth) invalid("the algorithm is not one of this device's");
  if (algo.data[2] != signature(problem)) unsupported("the algorithm was found for other types, transposes or another epilogue");
  LtAlgorithm algorithm = {static_cast<Kind>(algo.data[1]), {}};
  for (int i = 0; i < 4; i++) algorithm.alignment[i] = static_cast<std::uint32_t>(algo.data[3 + i]);
  return algorithm;
}

}  // namespace softgpu
