// Runs cases against libsoftgpu.so:   device_test list | device_test environment | device_test CASE|all SEED
// One process per library: the same cases hold on each seed. Exits 1 and says where at the first that fails.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "api.h"

namespace test {
namespace {

bool dirty_end;

void run(const Case& one, std::uint64_t seed) {
  softgpu_reset(seed);
  softgpu_set_memory(std::uint64_t{2} << 30);
  dirty_end = false;
  Handle context = 0;
  ok(cuInit(0));
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
  one.body(seed);
  ok(cuDevicePrimaryCtxRelease_v2(0));
  if (!dirty_end && *softgpu_leaks() != 0) fail(std::string("left behind:\n") + softgpu_leaks(), std::source_location::current());
}

// Prints what the environment of the process has set.
int print_environment() {
  std::printf("seed %llu\n", static_cast<unsigned long long>(softgpu_seed()));
  std::printf("cuInit");
  for (int i = 0; i < 3; i++) std::printf(" %d", cuInit(0));
  Handle context = 0;
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
  std::size_t free = 0, total = 0;
  ok(cuMemGetInfo_v2(&free, &total));
  std::printf("\nmemory %zu\ncuMemAlloc_v2", total);
  for (int i = 0; i < 4; i++) {
    CUdeviceptr address = 0;
    std::printf(" %d", cuMemAlloc_v2(&address, 4));
  }
  std::printf("\n");
  return 0;
}

}  // namespace

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

void fail(const std::string& what, std::source_location where) {
  std::fprintf(stderr, "%s:%u: %s\n  last report: %s\n", where.file_name(), where.line(), what.c_str(), softgpu_last_report());
  std::exit(1);
}

void ok(int code, std::source_location where) {
  if (code != 0) fail("returned " + std::to_string(code), where);
}

void refused(int expected, int code, std::string_view report, std::source_location where) {
  if (code != expected) fail("returned " + std::to_string(code) + ", expected " + std::to_string(expected), where);
  if (std::string_view(softgpu_last_report()).find(report) == std::string_view::npos) fail("the report lacks: " + std::string(report), where);
}

void check(bool true_statement, const char* statement, std::source_location where) {
  if (!true_statement) fail(std::string("not true: ") + statement, where);
}

void expect_dirty_end() { dirty_end = true; }

CUdeviceptr allocate(std::size_t bytes) {
  CUdeviceptr address = 0;
  ok(cuMemAlloc_v2(&address, bytes));
  return address;
}

Handle stream(unsigned flags) {
  Handle handle = 0;
  ok(cuStreamCreate(&handle, flags));
  return handle;
}

Handle event(unsigned flags) {
  Handle handle = 0;
  ok(cuEventCreate(&handle, flags));
  return handle;
}

Handle load_module(const char* source) {
  Handle program = 0, module = 0;
  ok(nvrtcCreateProgram(&program, source, "case.cu", 0, nullptr, nullptr));
  const char* options[] = {"-arch=sm_80"};
  if (nvrtcCompileProgram(program, 1, options) != 0) fail("the kernel does not compile", std::source_location::current());
  std::size_t bytes = 0;
  ok(nvrtcGetCUBINSize(program, &bytes));
  std::vector<char> cubin(bytes);
  ok(nvrtcGetCUBIN(program, cubin.data()));
  ok(nvrtcDestroyProgram(&program));
  ok(cuModuleLoadData(&module, cubin.data()));
  return module;
}

Handle kernel(Handle module, const char* name) {
  Handle function = 0;
  ok(cuModuleGetFunction(&function, module, name));
  return function;
}

int launch(Handle function, unsigned blocks, unsigned threads, unsigned shared, Handle stream_handle, std::vector<void*> arguments) {
  return cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, shared, stream_handle, arguments.data(), nullptr);
}

const char* const kAddSource = R"(#include "softgpu_device.h"
extern "C" __global__ __launch_bounds__(256) void add(float* y, int n, float value) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] += value;
}
)";

}  // namespace test

int main(int count, char** arguments) {
  using namespace test;
  if (count == 2 && std::strcmp(arguments[1], "list") == 0) {
    for (const Case& one : cases()) std::printf("%s\n", one.name.c_str());
    return 0;
  }
  if (count == 2 && std::strcmp(arguments[1], "environment") == 0) return print_environment();
  if (count != 3) {
    std::fprintf(stderr, "usage: device_test list | device_test environment | device_test CASE|all SEED\n");
    return 2;
  }
  const std::uint64_t seed = std::strtoull(arguments[2], nullptr, 10);
  int ran = 0;
  for (const Case& one : cases()) {
    if (one.name != arguments[1] && std::strcmp(arguments[1], "all") != 0) continue;
    std::fprintf(stderr, "%s, seed %llu\n", one.name.c_str(), static_cast<unsigned long long>(seed));
    run(one, seed);
    ran++;
  }
  return ran > 0 ? 0 : 2;
}
