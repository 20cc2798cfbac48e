// Modules, functions, launches and their limits.
#include "api.h"

using namespace test;

namespace {

const char* const kSources = R"(#include "softgpu_device.h"
extern "C" __global__ __launch_bounds__(64) void bounded(int* y) {
  y[threadIdx.x] = 1;
}
extern "C" __global__ void shared_sum(float* y) {
  extern __shared__ float values[];
  values[threadIdx.x] = 1.0f;
  __syncthreads();
  if (threadIdx.x == 0) y[blockIdx.x] = values[blockDim.x - 1];
}
)";

void modules(std::uint64_t) {
  const Handle module = load_module(kAddSource), add = kernel(module, "add");
  Handle other = 0;
  refused(CUDA_ERROR_NOT_FOUND, cuModuleGetFunction(&other, module, "subtract"), "subtract");
  refused(CUDA_ERROR_INVALID_IMAGE, cuModuleLoadData(&other, "not an image, but long enough to look at"), "image");
  std::size_t offset = 0, size = 0, count = 0;
  while (cuFuncGetParamInfo(add, count, &offset, &size) == 0) count++;
  check(count == 3, "the kernel has three parameters");
  ok(cuFuncGetParamInfo(add, 2, &offset, &size));
  check(offset == 12 && size == 4, "a float behind a pointer and an int");
  int threads = 0;
  ok(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, add));
  check(threads == 256, "the launch bound is an attribute");
  int blocks = 0;
  ok(cuOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, add, 256, 0));
  check(blocks >= 1 && blocks <= 8, "at most 2048 threads");
  ok(cuModuleUnload(module));
  refused(CUDA_ERROR_INVALID_HANDLE, cuFuncGetAttribute(&threads, 0, add), "function");
  refused(CUDA_ERROR_INVALID_HANDLE, cuModuleUnload(module), "module");
}

void limits(std::uint64_t) {
  const Handle s = stream(), module = load_module(kSources), bounded = kernel(module, "bounded"), shared_sum = kernel(module, "shared_sum");
  CUdeviceptr y = allocate(4096);
  ok(launch(bounded, 1, 64, 0, s, {&y}));
  refused(CUDA_ERROR_INVALID_VALUE, launch(bounded, 1, 65, 0, s, {&y}), "launch bound");
  refused(CUDA_ERROR_INVALID_VALUE, launch(shared_sum, 1, 1025, 0, s, {&y}), "threads");
  refused(CUDA_ERROR_INVALID_VALUE, launch(shared_sum, 0, 32, 0, s, {&y}), "grid");
  refused(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(shared_sum, 1, 65536, 1, 32, 1, 1, 0, s, nullptr, nullptr), "grid");
  refused(CUDA_ERROR_INVALID_VALUE, cuLaunchKernel(shared_sum, 1, 1, 1, 32, 1, 1, 0, s, nullptr, nullptr), "null");
  refused(CUDA_ERROR_INVALID_VALUE, launch(shared_sum, 1, 32, 48 * 1024 + 1, s, {&y}), "asked for");
  refused(CUDA_ERROR_INVALID_VALUE, cuFuncSetAttribute(shared_sum, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 163 * 1024 + 1), "at most");
  ok(cuFuncSetAttribute(shared_sum, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 99 * 1024));
  ok(launch(shared_sum, 2, 128, 99 * 1024, s, {&y}));
  check(download<float>(y, 2, s) == std::vector<float>{1, 1}, "the kernel ran");
  ok(cuModuleUnload(module));
  ok(cuMemFree_v2(y));
  ok(cuStreamDestroy_v2(s));
}

void arguments_are_copied(std::uint64_t) {
  const Handle s = stream(), module = load_module(kAddSource), add = kernel(module, "add");
  CUdeviceptr y = allocate(4);
  int n = 1;
  ok(cuMemsetD32Async(y, 0, 1, s));
  for (float value = 1; value <= 20; value++) {
    float taken = value;
    ok(launch(add, 1, 32, 0, s, {&y, &n, &taken}));
    taken = 1e9f;
  }
  check(download<float>(y, 1, s)[0] == 210, "arguments are taken at the call, launches run once and in order");
  ok(cuModuleUnload(module));
  ok(cuMemFree_v2(y));
  ok(cuStreamDestroy_v2(s));
}

void does_not_compile(std::uint64_t) {
  Handle program = 0;
  ok(nvrtcCreateProgram(&program, "#include \"softgpu_device.h\"\nextern \"C\" __global__ void broken(int* y) {\n  y[0] = nonsense;\n}\n", "broken.cu", 0, nullptr, nullptr));
  std::size_t size = 0;
  refused(NVRTC_ERROR_INVALID_PROGRAM, nvrtcGetCUBINSize(program, &size), "not compiled");
  refused(NVRTC_ERROR_COMPILATION, nvrtcCompileProgram(program, 0, nullptr), "nonsense");
  ok(nvrtcGetProgramLogSize(program, &size));
  std::string log(size, 'x');
  ok(nvrtcGetProgramLog(program, log.data()));
  check(log.back() == 0 && log.find("broken.cu") != std::string::npos, "the log names the file and ends in a zero");
  refused(NVRTC_ERROR_INVALID_PROGRAM, nvrtcGetCUBINSize(program, &size), "did not compile");
  ok(nvrtcDestroyProgram(&program));
  check(program == 0, "the handle is cleared");
  refused(NVRTC_ERROR_INVALID_PROGRAM, nvrtcDestroyProgram(&program), "null");
}

const Declare cases_of_modules[] = {{"modules.modules", modules}, {"modules.limits", limits}, {"modules.arguments_are_copied", arguments_are_copied},
                                    {"modules.does_not_compile", does_not_compile}};

}  // namespace
