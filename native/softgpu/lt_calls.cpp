// cuBLASLt's handles, descriptors and heuristics; cublas's properties and texts.
#include <algorithm>
#include <array>
#include <cstring>

#include "lt_objects.h"

namespace softgpu {
namespace {

constexpr int kInvalid = CUBLAS_STATUS_INVALID_VALUE;

// An attribute's value as its type; the size must be that of the type.
template <class T>
T attribute(const void* buffer, std::size_t bytes) {
  given(buffer, "buf", kInvalid);
  if (bytes != sizeof(T)) throw Refusal{kInvalid, "an attribute of " + std::to_string(sizeof(T)) + " bytes given as " + std::to_string(bytes)};
  T value;
  std::memcpy(&value, buffer, sizeof value);
  return value;
}

// An attribute of which this device knows one value only.
template <class T>
void only(const void* buffer, std::size_t bytes, T value, const char* name) {
  if (attribute<T>(buffer, bytes) != value) throw Refusal{CUBLAS_STATUS_NOT_SUPPORTED, std::string("the software device supports only the default of ") + name};
}

[[noreturn]] void unknown(const char* what, int number) {
  throw Refusal{CUBLAS_STATUS_NOT_SUPPORTED, std::string("the software device has no ") + what + " attribute " + std::to_string(number)};
}

int transpose(const void* buffer, std::size_t bytes) {
  const auto value = attribute<std::int32_t>(buffer, bytes);
  if (value != CUBLAS_OP_N && value != CUBLAS_OP_T) throw Refusal{CUBLAS_STATUS_NOT_SUPPORTED, "operation " + std::to_string(value)};
  return value;
}

void set_layout(LtLayout& layout, int number, const void* buffer, std::size_t bytes) {
  switch (number) {
    case CUBLASLT_MATRIX_LAYOUT_TYPE: layout.type = static_cast<int>(attribute<std::uint32_t>(buffer, bytes)); break;
    case CUBLASLT_MATRIX_LAYOUT_ORDER: only<std::int32_t>(buffer, bytes, 0, "the order (column-major)"); break;
    case CUBLASLT_MATRIX_LAYOUT_ROWS: layout.rows = attribute<std::uint64_t>(buffer, bytes); break;
    case CUBLASLT_MATRIX_LAYOUT_COLS: layout.cols = attribute<std::uint64_t>(buffer, bytes); break;
    case CUBLASLT_MATRIX_LAYOUT_LD: layout.ld = attribute<std::int64_t>(buffer, bytes); break;
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT: only<std::int32_t>(buffer, bytes, 1, "the batch count"); break;
    default: unknown("layout", number);
  }
}

void set_desc(LtDesc& desc, int number, const void* buffer, std::size_t bytes) {
  switch (number) {
    case CUBLASLT_MATMUL_DESC_COMPUTE_TYPE: desc.compute = attribute<std::int32_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_SCALE_TYPE: desc.scale = attribute<std::int32_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_POINTER_MODE: only<std::int32_t>(buffer, bytes, 0, "the pointer mode (host)"); break;
    case CUBLASLT_MATMUL_DESC_TRANSA: desc.trans_a = transpose(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_TRANSB: desc.trans_b = transpose(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_TRANSC: only<std::int32_t>(buffer, bytes, CUBLAS_OP_N, "the transpose of C"); break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE: desc.epilogue = static_cast<int>(attribute<std::uint32_t>(buffer, bytes)); break;
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER: desc.bias = attribute<std::uint64_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE: desc.bias_type = attribute<std::int32_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER: desc.aux = attribute<std::uint64_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD: desc.aux_ld = attribute<std::int64_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_DATA_TYPE: desc.aux_type = attribute<std::int32_t>(buffer, bytes); break;
    default: unknown("descriptor", number);
  }
}

void set_preference(LtPreference& preference, int number, const void* buffer, std::size_t bytes) {
  switch (number) {
    case CUBLASLT_MATMUL_PREF_SEARCH_MODE: only<std::uint32_t>(buffer, bytes, 0, "the search mode"); break;
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: preference.workspace = attribute<std::uint64_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK: preference.reductions = attribute<std::uint32_t>(buffer, bytes); break;
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES: {
      const auto alignment = attribute<std::uint32_t>(buffer, bytes);
      if (alignment == 0) throw Refusal{kInvalid, "an alignment of 0 bytes"};
      preference.alignment[number - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES] = alignment;
      break;
    }
    case CUBLASLT_MATMUL_PREF_MAX_WAVES_COUNT: attribute<float>(buffer, bytes); break;
    case CUBLASLT_MATMUL_PREF_IMPL_MASK: attribute<std::uint64_t>(buffer, bytes); break;
    default: unknown("preference", number);
  }
}

cublasLtMatmulHeuristicResult_t describe(const LtAlgorithm& algorithm, const LtProblem& problem) {
  cublasLtMatmulHeuristicResult_t result = {};
  result.algo = algorithm.encode(problem);
  result.workspaceSize = algorithm.workspace(problem);
  result.state = CUBLAS_STATUS_SUCCESS;
  result.wavesCount = 1;
  return result;
}

std::array<LtAlgorithm::Kind, 3> order_for(const LtProblem& problem) {
  std::array kinds = {LtAlgorithm::plain, LtAlgorithm::chunked, LtAlgorithm::split_depth};
  Random shape(static_cast<std::uint64_t>(problem.m() * 1000003 + problem.n() * 1009 + problem.k()));
  std::rotate(kinds.begin(), kinds.begin() + shape.below(kinds.size()), kinds.end());
  return kinds;
}

// Creates an object and gives its handle.
template <class T>
int create(Table<T>& table, Handle* handle, T object) {
  *given(handle, "the handle's place", kInvalid) = table.add(std::make_shared<T>(object));
  return CUBLAS_STATUS_SUCCESS;
}

template <class T>
int destroy(const char* function, Table<T>& table, Handle handle) {
  return cublas_call(
      function,
      [&] {
        table.take(handle);
        return CUBLAS_STATUS_SUCCESS;
      },
      handle);
}

constexpr int kVersion[] = {13, 1, 1};

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT std::size_t cublasLtGetVersion() { return kVersion[0] * 10000 + kVersion[1] * 100 + kVersion[2]; }

SOFTGPU_EXPORT int cublasLtCreate(Handle* handle) {
  return cublas_call("cublasLtCreate", [&] {
    try {
      require(Needs::context);
    } catch (const Refusal& refusal) {
      throw Refusal{CUBLAS_STATUS_NOT_INITIALIZED, refusal.reason};
    }
    return create(lt_handles(), handle, LtHandle());
  });
}

SOFTGPU_EXPORT int cublasLtDestroy(Handle handle) { return destroy("cublasLtDestroy", lt_handles(), handle); }

SOFTGPU_EXPORT int cublasLtMatrixLayoutCreate(Handle* handle, int type, std::uint64_t rows, std::uint64_t cols, std::int64_t ld) {
  return cublas_call("cublasLtMatrixLayoutCreate", [&] { return create(lt_layouts(), handle, LtLayout{type, rows, cols, ld}); });
}

SOFTGPU_EXPORT int cublasLtMatrixLayoutDestroy(Handle handle) { return destroy("cublasLtMatrixLayoutDestroy", lt_layouts(), handle); }

SOFTGPU_EXPORT int cublasLtMatrixLayoutSetAttribute(Handle handle, int number, const void* buffer, std::size_t bytes) {
  return cublas_call("cublasLtMatrixLayoutSetAttribute", [&] {
    set_layout(*lt_layouts().get(handle), number, buffer, bytes);
    return CUBLAS_STATUS_SUCCESS;
  });
}

SOFTGPU_EXPORT int cublasLtMatmulDescCreate(Handle* handle, int compute, int scale) {
  return cublas_call("cublasLtMatmulDescCreate", [&] { return create(lt_descs(), handle, LtDesc{.compute = compute, .scale = scale}); });
}

SOFTGPU_EXPORT int cublasLtMatmulDescDestroy(Handle handle) { return destroy("cublasLtMatmulDescDestroy", lt_descs(), handle); }

SOFTGPU_EXPORT int cublasLtMatmulDescSetAttribute(Handle handle, int number, const void* buffer, std::size_t bytes) {
  return cublas_call("cublasLtMatmulDescSetAttribute", [&] {
    set_desc(*lt_descs().get(handle), number, buffer, bytes);
    return CUBLAS_STATUS_SUCCESS;
  });
}

SOFTGPU_EXPORT int cublasLtMatmulPreferenceCreate(Handle* handle) {
  return cublas_call("cublasLtMatmulPreferenceCreate", [&] { return create(lt_preferences(), handle, LtPreference()); });
}

SOFTGPU_EXPORT int cublasLtMatmulPreferenceDestroy(Handle handle) { return destroy("cublasLtMatmulPreferenceDestroy", lt_preferences(), handle); }

SOFTGPU_EXPORT int cublasLtMatmulPreferenceSetAttribute(Handle handle, int number, const void* buffer, std::size_t bytes) {
  return cublas_call("cublasLtMatmulPreferenceSetAttribute", [&] {
    set_preference(*lt_preferences().get(handle), number, buffer, bytes);
    return CUBLAS_STATUS_SUCCESS;
  });
}

// Offers every algorithm whose workspace the preference allows. Which one comes first depends on the shape alone: each gets its share of a program's
// products, and a product always gets the same.
SOFTGPU_EXPORT int cublasLtMatmulAlgoGetHeuristic(Handle handle, Handle desc, Handle a, Handle b, Handle c, Handle d, Handle preference_handle,
                                                  int requested, cublasLtMatmulHeuristicResult_t* results, int* count) {
  return cublas_call("cublasLtMatmulAlgoGetHeuristic", [&] {
    *given(count, "returnAlgoCount", kInvalid) = 0;
    lt_handles().get(handle);
    const auto preference = lt_preferences().get(preference_handle);
    if (requested < 1) throw Refusal{kInvalid, "no algorithm requested"};
    given(results, "heuristicResultsArray", kInvalid);
    const LtProblem problem = lt_problem(desc, a, b, c, d);
    for (const LtAlgorithm::Kind kind : order_for(problem)) {
      LtAlgorithm algorithm = {kind, {}};
      std::copy(preference->alignment, preference->alignment + 4, algorithm.alignment);
      const bool allowed = kind != LtAlgorithm::split_depth || preference->reductions != 0;
      if (*count == requested || !allowed || algorithm.workspace(problem) > preference->workspace) continue;
      results[(*count)++] = describe(algorithm, problem);
    }
    return CUBLAS_STATUS_SUCCESS;
  });
}

SOFTGPU_EXPORT int cublasLtMatmulAlgoCheck(Handle handle, Handle desc, Handle a, Handle b, Handle c, Handle d, const cublasLtMatmulAlgo_t* algo,
                                           cublasLtMatmulHeuristicResult_t* result) {
  return cublas_call("cublasLtMatmulAlgoCheck", [&] {
    lt_handles().get(handle);
    const LtProblem problem = lt_problem(desc, a, b, c, d);
    *given(result, "result", kInvalid) = describe(LtAlgorithm::decode(*given(algo, "algo", kInvalid), problem), problem);
    return CUBLAS_STATUS_SUCCESS;
  });
}

SOFTGPU_EXPORT int cublasGetProperty(int property, int* value) {
  return cublas_call("cublasGetProperty", [&] {
    given(value, "value", kInvalid);
    if (property < 0 || property > 2) throw Refusal{kInvalid, "unknown property"};
    *value = kVersion[property];
    return CUBLAS_STATUS_SUCCESS;
  });
}

SOFTGPU_EXPORT const char* cublasGetStatusName(int status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_MAPPING_ERROR: return "CUBLAS_STATUS_MAPPING_ERROR";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case CUBLAS_STATUS_LICENSE_ERROR: return "CUBLAS_STATUS_LICENSE_ERROR";
    default: return "CUBLAS_STATUS unknown";
  }
}

SOFTGPU_EXPORT const char* cublasGetStatusString(int status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "the library was not initialized";
    case CUBLAS_STATUS_ALLOC_FAILED: return "the resource allocation failed";
    case CUBLAS_STATUS_INVALID_VALUE: return "an invalid value was used as an argument";
    case CUBLAS_STATUS_ARCH_MISMATCH: return "an absent device architectural feature is required";
    case CUBLAS_STATUS_MAPPING_ERROR: return "an access to GPU memory space failed";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "the GPU program failed to execute";
    case CUBLAS_STATUS_INTERNAL_ERROR: return "an internal operation failed";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "the functionality is not supported";
    case CUBLAS_STATUS_LICENSE_ERROR: return "the requested functionality requires a license";
    default: return "unknown status";
  }
}
