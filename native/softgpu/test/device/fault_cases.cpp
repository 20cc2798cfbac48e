// Faults of kernels and of told failures; the error state that sticks.
#include <cstring>
#include <sstream>

#include "api.h"

using namespace test;

namespace {

// Runs `add` so that it touches what it must not: the code that the synchronisation returns.
void faults(CUdeviceptr y, int n, std::string_view report) {
  const Handle s = stream(), module = load_module(kAddSource), add = kernel(module, "add");
  float value = 1;
  const int launched = launch(add, 1, 32, 0, s, {&y, &n, &value});
  if (launched != 0) refused(CUDA_ERROR_ILLEGAL_ADDRESS, launched);
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamSynchronize(s), report);
  CUdeviceptr none = 0;
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, cuMemAlloc_v2(&none, 4), report);
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, cuStreamDestroy_v2(s), report);
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, cuCtxSynchronize(), "add");
  ok(cuDevicePrimaryCtxRelease_v2(0));
  check(*softgpu_leaks() == 0, "what a fault left is no leak of the program's");
  Handle context = 0;
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
  ok(cuCtxSynchronize());
}

void beyond_the_end(std::uint64_t) {
  const CUdeviceptr y = allocate(124);
  ok(cuMemsetD32Async(y, 0, 31, 0));
  faults(y, 32, "allocation");
}

void freed_memory(std::uint64_t) {
  const CUdeviceptr y = allocate(128);
  ok(cuMemFree_v2(y));
  faults(y, 1, "freed");
}

void host_pointer(std::uint64_t) {
  float value = 0;
  faults(reinterpret_cast<CUdeviceptr>(&value), 1, "add");
}

void pinned_pointer(std::uint64_t) {
  void* pinned = nullptr;
  ok(cuMemHostAlloc(&pinned, 4, 0));
  std::memset(pinned, 0, 4);
  faults(reinterpret_cast<CUdeviceptr>(pinned), 1, "pinned");
}

void null_pointer(std::uint64_t) { faults(0, 1, "add"); }

void freed_before_replay(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(4);
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(cuMemsetD32Async(memory, 1, 1, s));
  ok(cuStreamEndCapture(s, &graph));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  ok(cuMemFree_v2(memory));
  const int launched = cuGraphLaunch(exec, s);
  refused(CUDA_ERROR_ILLEGAL_ADDRESS, launched == 0 ? cuStreamSynchronize(s) : launched, "freed");
  expect_dirty_end();
}

void unloaded_before_replay(std::uint64_t) {
  const Handle s = stream(), module = load_module(kAddSource), add = kernel(module, "add");
  CUdeviceptr y = allocate(4);
  int n = 1;
  float value = 1;
  Handle graph = 0, exec = 0;
  ok(cuStreamBeginCapture_v2(s, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  ok(launch(add, 1, 32, 0, s, {&y, &n, &value}));
  ok(cuStreamEndCapture(s, &graph));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  ok(cuModuleUnload(module));
  const int launched = cuGraphLaunch(exec, s);
  refused(CUDA_ERROR_LAUNCH_FAILED, launched == 0 ? cuStreamSynchronize(s) : launched, "unloaded");
  expect_dirty_end();
}

void told_failures(std::uint64_t) {
  CUdeviceptr address = 0;
  check(softgpu_calls("cuMemAlloc_v2") == 0, "calls are counted from the reset");
  check(softgpu_fail("cuMemAlloc_v2", 2, CUDA_ERROR_OUT_OF_MEMORY) == 0, "the function is known");
  ok(cuMemAlloc_v2(&address, 4));
  CUdeviceptr second = 0;
  refused(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&second, 4), "told to fail");
  check(second == 0, "a failed call does nothing");
  ok(cuMemAlloc_v2(&second, 4));
  check(softgpu_calls("cuMemAlloc_v2") == 3, "all calls count");
  check(softgpu_fail("cuMemFree_v2", 1, CUDA_ERROR_UNKNOWN) == 0, "the function is known");
  refused(CUDA_ERROR_UNKNOWN, cuMemFree_v2(address), "told to fail");
  ok(cuMemFree_v2(second));
  check(std::strstr(softgpu_leaks(), "told to fail") != nullptr, "a leak by a told failure says so");
  ok(cuMemFree_v2(address));
  check(softgpu_fail("cuMemAlloc", 1, 2) == -1 && softgpu_calls("cuMemAlloc") == -1, "an unknown function is refused");
  check(softgpu_fail("cuMemAlloc_v2", 1, 0) == -1, "success is no failure");
  check(softgpu_fail("cuMemAlloc_v2", 1, 2) == 0 && softgpu_fail("cuMemAlloc_v2", 0, 2) == 0, "a failure can be taken back");
  ok(cuMemFree_v2(allocate(4)));
}

// Every function of the list can be told to fail, and then does nothing else.
void every_function_fails(std::uint64_t) {
  std::stringstream names(softgpu_functions());
  int count = 0;
  for (std::string name; std::getline(names, name); count++) check(softgpu_fail(name.c_str(), 1, 7) == 0, name.c_str());
  check(count > 80, "the list is whole");
  Handle handle = 0;
  CUdeviceptr address = 0;
  check(cuMemAlloc_v2(&address, 4) == 7 && address == 0, "cuMemAlloc_v2 fails");
  check(cuStreamCreate(&handle, 0) == 7 && handle == 0, "cuStreamCreate fails");
  check(cublasLtCreate(&handle) == 7 && handle == 0, "cublasLtCreate fails");
  check(nvrtcCreateProgram(&handle, "", "", 0, nullptr, nullptr) == 7 && handle == 0, "nvrtcCreateProgram fails");
  std::stringstream again(softgpu_functions());
  for (std::string name; std::getline(again, name);) check(softgpu_fail(name.c_str(), 0, 7) == 0, name.c_str());
}

void context(std::uint64_t) {
  ok(cuCtxSetCurrent(0));
  CUdeviceptr address = 0;
  refused(CUDA_ERROR_INVALID_CONTEXT, cuMemAlloc_v2(&address, 4), "no current context");
  refused(CUDA_ERROR_INVALID_CONTEXT, cuCtxSetCurrent(12345), "primary context");
  Handle current = 0;
  refused(CUDA_ERROR_INVALID_DEVICE, cuDevicePrimaryCtxRetain(&current, 1), "one device");
  ok(cuDevicePrimaryCtxRetain(&current, 0));
  ok(cuCtxSetCurrent(current));
  ok(cuDevicePrimaryCtxRelease_v2(0));
  ok(cuCtxSynchronize());
  softgpu_reset(9);
  refused(CUDA_ERROR_NOT_INITIALIZED, cuCtxSynchronize(), "cuInit");
  ok(cuInit(0));
  ok(cuDevicePrimaryCtxRetain(&current, 0));
  ok(cuCtxSetCurrent(current));
}

const Declare cases_of_faults[] = {{"faults.beyond_the_end", beyond_the_end},
                                   {"faults.freed_memory", freed_memory},
                                   {"faults.host_pointer", host_pointer},
                                   {"faults.pinned_pointer", pinned_pointer},
                                   {"faults.null_pointer", null_pointer},
                                   {"faults.freed_before_replay", freed_before_replay},
                                   {"faults.unloaded_before_replay", unloaded_before_replay},
                                   {"faults.told_failures", told_failures},
                                   {"faults.every_function_fails", every_function_fails},
                                   {"faults.context", context}};

}  // namespace
