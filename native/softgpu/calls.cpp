#include "calls.h"

#include <cstdlib>
#include <exception>
#include <map>
#include <set>

#include "device.h"

namespace softgpu {
namespace {

struct Counter {
  std::uint64_t calls = 0;
  std::uint64_t fail_at = 0;  // the call that fails, counted like `calls`; 0 for none
  int code = 0;
};

// Every function that is exported and returns a status, so that a misspelt name is noticed.
constexpr const char* kFunctions[] = {
    "cuInit", "cuDriverGetVersion", "cuGetErrorName", "cuGetErrorString", "cuDeviceGet", "cuDeviceGetCount", "cuDeviceGetName",
    "cuDeviceGetAttribute", "cuDeviceTotalMem_v2", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuCtxSetCurrent",
    "cuCtxGetCurrent", "cuCtxSynchronize", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemGetInfo_v2", "cuMemHostAlloc", "cuMemFreeHost",
    "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2", "cuMemsetD8Async", "cuMemsetD16Async", "cuMemsetD32Async",
    "cuStreamCreate", "cuStreamDestroy_v2", "cuStreamSynchronize", "cuStreamQuery", "cuStreamWaitEvent", "cuStreamBeginCapture_v2",
    "cuStreamEndCapture", "cuStreamIsCapturing", "cuEventCreate", "cuEventDestroy_v2", "cuEventRecord", "cuEventQuery",
    "cuEventSynchronize", "cuEventElapsedTime_v2", "cuModuleLoadData", "cuModuleUnload", "cuModuleGetFunction", "cuFuncGetAttribute",
    "cuFuncSetAttribute", "cuFuncGetParamInfo", "cuOccupancyMaxActiveBlocksPerMultiprocessor", "cuLaunchKernel",
    "cuGraphInstantiateWithFlags", "cuGraphUpload", "cuGraphLaunch", "cuGraphDestroy", "cuGraphExecDestroy", "cuGraphExecUpdate_v2",
    "cuGraphGetNodes", "cuGraphNodeGetType", "cuGraphNodeSetEnabled", "cuGraphNodeGetEnabled", "cuGraphKernelNodeGetParams_v2",
    "nvrtcVersion", "nvrtcGetNumSupportedArchs", "nvrtcGetSupportedArchs", "nvrtcCreateProgram", "nvrtcDestroyProgram",
    "nvrtcCompileProgram", "nvrtcGetCUBINSize", "nvrtcGetCUBIN", "nvrtcGetProgramLogSize", "nvrtcGetProgramLog",
    "cublasLtCreate", "cublasLtDestroy", "cublasLtMatmul", "cublasLtMatmulAlgoGetHeuristic", "cublasLtMatmulAlgoCheck",
    "cublasLtMatmulDescCreate", "cublasLtMatmulDescDestroy", "cublasLtMatmulDescSetAttribute", "cublasLtMatrixLayoutCreate",
    "cublasLtMatrixLayoutDestroy", "cublasLtMatrixLayoutSetAttribute", "cublasLtMatmulPreferenceCreate",
    "cublasLtMatmulPreferenceDestroy", "cublasLtMatmulPreferenceSetAttribute", "cublasGetProperty"};

std::map<std::string, Counter, std::less<>> make_counters() {
  std::map<std::string, Counter, std::less<>> counters;
  for (const char* name : kFunctions) counters.emplace(name, Counter{});
  return counters;
}

auto& counters() {
  static auto* const all = new std::map<std::string, Counter, std::less<>>(make_counters());
  return *all;
}

std::string& last_refusal() {
  static auto* const text = new std::string();
  return *text;
}

std::set<Handle>& refused_releases() {
  static auto* const handles = new std::set<Handle>();
  return *handles;
}

}  // namespace

std::mutex& device_lock() {
  static auto* const lock = new std::mutex();
  return *lock;
}

namespace {

// Counts a call and gives the code of an injected failure, or -1.
int count_call(std::string_view function) {
  const auto found = counters().find(function);
  if (found == counters().end()) std::abort();  // a function of ours that is missing from the list above
  Counter& counter = found->second;
  counter.calls++;
  if (counter.calls != counter.fail_at) return -1;
  counter.fail_at = 0;
  report_refusal(function, counter.code, "told to fail");
  return counter.code;
}

}  // namespace

int guarded_call(std::string_view function, Needs needs, int internal, Handle released, Body body) {
  const std::lock_guard lock(device_lock());
  if (const int injected = count_call(function); injected >= 0) {
    if (released != 0) refused_releases().insert(released);
    return injected;
  }
  try {
    require(needs);
    return body();
  } catch (const Refusal& refusal) {
    report_refusal(function, refusal.code, refusal.reason);
    return refusal.code;
  } catch (const std::exception& failure) {
    report_refusal(function, internal, failure.what());
    return internal;
  }
}

bool fail_call(std::string_view function, std::uint64_t nth, int code) {
  const auto found = counters().find(function);
  if (found == counters().end() || code <= 0) return false;
  found->second.fail_at = nth == 0 ? 0 : found->second.calls + nth;
  found->second.code = code;
  return true;
}

std::optional<std::uint64_t> calls_of(std::string_view function) {
  const auto found = counters().find(function);
  if (found == counters().end()) return std::nullopt;
  return found->second.calls;
}

std::string function_list() {
  std::string list;
  for (const char* name : kFunctions) list.append(name).append("\n");
  return list;
}

void forget_calls() {
  counters() = make_counters();
  refused_releases().clear();
  last_refusal().clear();
}

void report_refusal(std::string_view function, int code, const std::string& reason) {
  last_refusal() = std::string(function) + " returned " + std::to_string(code) + ": " + reason;
}

std::string last_report() {
  const auto& sticky = Device::get().sticky;
  return sticky ? sticky->text : last_refusal();
}

bool release_was_refused(Handle handle) { return refused_releases().contains(handle); }

void require(Needs needs) {
  const Device& device = Device::get();
  if (needs == Needs::nothing) return;
  if (!device.initialised) throw Refusal{CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called"};
  if (needs == Needs::init) return;
  if (current_context() == 0) throw Refusal{CUDA_ERROR_INVALID_CONTEXT, "the calling thread has no current context"};
  if (current_context() != device.context) throw Refusal{CUDA_ERROR_CONTEXT_IS_DESTROYED, "the calling thread's context has ended"};
  if (device.sticky) throw Refusal{device.sticky->code, device.sticky->text};
}

}  // namespace softgpu
