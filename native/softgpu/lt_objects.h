// cuBLASLt's descriptors, and what a call of matmul amounts to once they are read together.
#pragma once

#include "device.h"
#include "matmul.h"

namespace softgpu {

struct LtHandle {};

struct LtLayout {
  int type;
  std::uint64_t rows, cols;
  std::int64_t ld;
};

struct LtDesc {
  int compute, scale;
  int trans_a = CUBLAS_OP_N, trans_b = CUBLAS_OP_N;
  int epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  std::uint64_t bias = 0, aux = 0;
  std::int64_t aux_ld = 0;
  int bias_type = -1, aux_type = -1;  // -1: that of D
};

struct LtPreference {
  std::uint64_t workspace = 0;
  std::uint32_t reductions = 7;  // schemes by which partial sums may be added up; 0 forbids those in the workspace
  std::uint32_t alignment[4] = {256, 256, 256, 256};  // of A, B, C, D: the library's defaults
};

Table<LtHandle>& lt_handles();
Table<LtLayout>& lt_layouts();
Table<LtDesc>& lt_descs();
Table<LtPreference>& lt_preferences();

// What is multiplied, apart from where it lies.
struct LtProblem {
  LtDesc desc;
  LtLayout a, b, c, d;

  std::int64_t m() const { return static_cast<std::int64_t>(d.rows); }
  std::int64_t n() const { return static_cast<std::int64_t>(d.cols); }
  std::int64_t k() const { return static_cast<std::int64_t>(desc.trans_a == CUBLAS_OP_T ? a.rows : a.cols); }
  bool has_bias() const { return (desc.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0; }
  bool has_gelu() const { return (desc.epilogue & CUBLASLT_EPILOGUE_GELU_AUX) == CUBLASLT_EPILOGUE_GELU_AUX; }
  int bias_type() const { return desc.bias_type == -1 ? d.type : desc.bias_type; }
  int aux_type() const { return desc.aux_type == -1 ? d.type : desc.aux_type; }
};

// Reads and checks. Throws Refusal: invalid value for what is wrong anywhere, not supported for what the library, or this device, does not do.
LtProblem lt_problem(Handle desc, Handle a, Handle b, Handle c, Handle d);

std::int64_t size_of(int type);
inline Element element(int type) { return type == CUDA_R_16BF ? Element::bf16 : Element::f32; }

// One way to compute a product.
struct LtAlgorithm {
  enum Kind : std::uint64_t {
    plain,       // sums in the order of k
    chunked,     // four partial sums over quarters of k, which round otherwise
    split_depth  // the same by two kernels, with the partial sums in the workspace
  };
  Kind kind;
  std::uint32_t alignment[4];

  int slices(const LtProblem& problem) const;
  std::uint64_t workspace(const LtProblem& problem) const;

  cublasLtMatmulAlgo_t encode(const LtProblem& problem) const;
  static LtAlgorithm decode(const cublasLtMatmulAlgo_t& algo, const LtProblem& problem);
};

}  // namespace softgpu
