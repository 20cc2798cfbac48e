// The library's functions as a host program sees them, and what the cases below have in common.
#pragma once

#include <functional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "../../cuda_api.h"

using namespace softgpu;

extern "C" {
CUresult cuInit(unsigned);
CUresult cuDriverGetVersion(int*);
CUresult cuGetErrorName(CUresult, const char**);
CUresult cuDeviceGet(CUdevice*, int);
CUresult cuDeviceGetName(char*, int, CUdevice);
CUresult cuDeviceGetAttribute(int*, int, CUdevice);
CUresult cuDevicePrimaryCtxRetain(Handle*, CUdevice);
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice);
CUresult cuCtxSetCurrent(Handle);
CUresult cuCtxSynchronize();
CUresult cuMemAlloc_v2(CUdeviceptr*, std::size_t);
CUresult cuMemFree_v2(CUdeviceptr);
CUresult cuMemGetInfo_v2(std::size_t*, std::size_t*);
CUresult cuMemHostAlloc(void**, std::size_t, unsigned);
CUresult cuMemFreeHost(void*);
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr, const void*, std::size_t, Handle);
CUresult cuMemcpyDtoHAsync_v2(void*, CUdeviceptr, std::size_t, Handle);
CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr, CUdeviceptr, std::size_t, Handle);
CUresult cuMemsetD8Async(CUdeviceptr, unsigned char, std::size_t, Handle);
CUresult cuMemsetD16Async(CUdeviceptr, unsigned short, std::size_t, Handle);
CUresult cuMemsetD32Async(CUdeviceptr, unsigned, std::size_t, Handle);
CUresult cuStreamCreate(Handle*, unsigned);
CUresult cuStreamDestroy_v2(Handle);
CUresult cuStreamSynchronize(Handle);
CUresult cuStreamQuery(Handle);
CUresult cuStreamWaitEvent(Handle, Handle, unsigned);
CUresult cuStreamBeginCapture_v2(Handle, int);
CUresult cuStreamEndCapture(Handle, Handle*);
CUresult cuStreamIsCapturing(Handle, int*);
CUresult cuEventCreate(Handle*, unsigned);
CUresult cuEventDestroy_v2(Handle);
CUresult cuEventRecord(Handle, Handle);
CUresult cuEventQuery(Handle);
CUresult cuEventSynchronize(Handle);
CUresult cuEventElapsedTime_v2(float*, Handle, Handle);
CUresult cuModuleLoadData(Handle*, const void*);
CUresult cuModuleUnload(Handle);
CUresult cuModuleGetFunction(Handle*, Handle, const char*);
CUresult cuFuncGetAttribute(int*, int, Handle);
CUresult cuFuncSetAttribute(Handle, int, int);
CUresult cuFuncGetParamInfo(Handle, std::size_t, std::size_t*, std::size_t*);
CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int*, Handle, int, std::size_t);
CUresult cuLaunchKernel(Handle, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, Handle, void**, void**);
CUresult cuGraphInstantiateWithFlags(Handle*, Handle, unsigned long long);
CUresult cuGraphUpload(Handle, Handle);
CUresult cuGraphLaunch(Handle, Handle);
CUresult cuGraphDestroy(Handle);
CUresult cuGraphExecDestroy(Handle);
CUresult cuGraphExecUpdate_v2(Handle, Handle, CUgraphExecUpdateResultInfo*);
CUresult cuGraphGetNodes(Handle, Handle*, std::size_t*);
CUresult cuGraphNodeGetType(Handle, int*);
CUresult cuGraphNodeSetEnabled(Handle, Handle, unsigned);
CUresult cuGraphNodeGetEnabled(Handle, Handle, unsigned*);
CUresult cuGraphKernelNodeGetParams_v2(Handle, CUDA_KERNEL_NODE_PARAMS_v2*);
int nvrtcCreateProgram(Handle*, const char*, const char*, int, const char* const*, const char* const*);
int nvrtcDestroyProgram(Handle*);
int nvrtcCompileProgram(Handle, int, const char* const*);
int nvrtcGetCUBINSize(Handle, std::size_t*);
int nvrtcGetCUBIN(Handle, char*);
int nvrtcGetProgramLogSize(Handle, std::size_t*);
int nvrtcGetProgramLog(Handle, char*);
int cublasLtCreate(Handle*);
int cublasLtDestroy(Handle);
int cublasLtMatrixLayoutCreate(Handle*, int, std::uint64_t, std::uint64_t, std::int64_t);
int cublasLtMatrixLayoutDestroy(Handle);
int cublasLtMatmulDescCreate(Handle*, int, int);
int cublasLtMatmulDescDestroy(Handle);
int cublasLtMatmulDescSetAttribute(Handle, int, const void*, std::size_t);
int cublasLtMatmulPreferenceCreate(Handle*);
int cublasLtMatmulPreferenceDestroy(Handle);
int cublasLtMatmulPreferenceSetAttribute(Handle, int, const void*, std::size_t);
int cublasLtMatmulAlgoGetHeuristic(Handle, Handle, Handle, Handle, Handle, Handle, Handle, int, cublasLtMatmulHeuristicResult_t*, int*);
int cublasLtMatmulAlgoCheck(Handle, Handle, Handle, Handle, Handle, Handle, const cublasLtMatmulAlgo_t*, cublasLtMatmulHeuristicResult_t*);
int cublasLtMatmul(Handle, Handle, const float*, CUdeviceptr, Handle, CUdeviceptr, Handle, const float*, CUdeviceptr, Handle, CUdeviceptr, Handle,
                   const cublasLtMatmulAlgo_t*, CUdeviceptr, std::size_t, Handle);
void softgpu_reset(std::uint64_t);
std::uint64_t softgpu_seed();
void softgpu_set_memory(std::uint64_t);
int softgpu_fail(const char*, std::uint64_t, int);
std::int64_t softgpu_calls(const char*);
const char* softgpu_functions();
const char* softgpu_last_report();
const char* softgpu_leaks();
std::uint64_t softgpu_memory_used();
}

namespace test {

struct Case {
  std::string name;
  std::function<void(std::uint64_t seed)> body;
};

std::vector<Case>& cases();

// Declares a case. The device was reset with the seed, and a context is current; it must end without leaks.
struct Declare {
  Declare(const char* name, std::function<void(std::uint64_t)> body) { cases().push_back({name, std::move(body)}); }
};

[[noreturn]] void fail(const std::string& what, std::source_location where);

// The call succeeds.
void ok(int code, std::source_location where = std::source_location::current());

// The call returns this code, and the report holds this text.
void refused(int expected, int code, std::string_view report = "", std::source_location where = std::source_location::current());

void check(bool true_statement, const char* statement, std::source_location where = std::source_location::current());

// Makes what is left in the context none of the case's business: it ends in a fault or with a leak on purpose.
void expect_dirty_end();

CUdeviceptr allocate(std::size_t bytes);
Handle stream(unsigned flags = CU_STREAM_NON_BLOCKING);
Handle event(unsigned flags = CU_EVENT_DISABLE_TIMING);

template <class T>
std::vector<T> download(CUdeviceptr from, std::size_t count, Handle stream_handle) {
  std::vector<T> values(count);
  ok(cuMemcpyDtoHAsync_v2(values.data(), from, count * sizeof(T), stream_handle));
  return values;
}

// Compiles a .cu text and loads it.
Handle load_module(const char* source);
Handle kernel(Handle module, const char* name);

// Launches in one dimension.
int launch(Handle function, unsigned blocks, unsigned threads, unsigned shared, Handle stream_handle, std::vector<void*> arguments);

// y[i] += add for i < n
extern const char* const kAddSource;

}  // namespace test
