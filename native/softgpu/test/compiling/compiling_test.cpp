// What the compiler takes, and how it refuses: with the .cu file's own lines, and nothing that NVRTC would not know.
#include "../run_kernel.h"

using namespace softgpu_test;

namespace {

Compiled compile_text(const std::string& text, std::vector<std::string> options = {}) {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("softgpu-test-" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "text.cu") << text;
  Compiled compiled = compile(folder / "text.cu", std::move(options));
  std::filesystem::remove_all(folder);
  return compiled;
}

void takes(const char* what, const std::string& text, std::vector<std::string> options = {}) {
  Compiled compiled = compile_text(text, std::move(options));
  if (!compiled.ok) {
    die(std::string(what) + " is refused:\n" + compiled.log);
  }
}

void refuses(const char* what, const std::string& text, const std::string& message, std::vector<std::string> options = {}) {
  Compiled compiled = compile_text(text, std::move(options));
  if (compiled.ok || compiled.log.find(message) == std::string::npos) {
    die(std::string(what) + (compiled.ok ? " is compiled" : " is refused with\n" + compiled.log + "which lacks: " + message));
  }
}

const std::string empty_kernel = "extern \"C\" __global__ void nothing() {}\n";

void check_options() {
  takes("an option of NVRTC", empty_kernel, {"--gpu-architecture=sm_80", "--std=c++17", "-lineinfo", "--ptxas-options=-v"});
  refuses("an unknown option", empty_kernel, "unrecognized option --gpu-achitecture=sm_80", {"--gpu-achitecture=sm_80"});
  refuses("an unknown chip", empty_kernel, "invalid value", {"--gpu-architecture=h100"});
  takes("a macro in three spellings", "static_assert(A + B + C == 6);\n" + empty_kernel, {"-DA=1", "-D", "B=2", "--define-macro=C=3"});
}

void check_errors() {
  refuses("a mistake", "\n\n" + empty_kernel + "int f() { return unknown; }\n", "text.cu:4:");
  refuses("a standard header", "#include <cstdint>\n" + empty_kernel, "text.cu:1:");
  refuses("uint32_t", empty_kernel + "uint32_t x;\n", "uint32_t");
  refuses("size_t", empty_kernel + "size_t x;\n", "size_t");
  refuses("printf", "extern \"C\" __global__ void k() { printf(\"\"); }\n", "printf");
  refuses("an atomic operation on floats", "extern \"C\" __global__ void k(float* x) { atomicAdd(x, 1.0f); }\n", "atomicAdd");
  refuses("a kernel that C++ would rename", "__global__ void k() {}\n", "extern \"C\" __global__");
  refuses("a frame larger than a stack", "extern \"C\" __global__ void k(float* y, int n) { float x[20000]; for (int i = 0; i < n; i++) x[i] = y[i]; y[0] = x[n]; }\n",
          "frame size");
}

void check_parameters() {
  takes("two dynamic arrays of one type", "extern \"C\" __global__ void a(float* y) { extern __shared__ float s[]; s[threadIdx.x] = 1; y[0] = s[0]; }\n"
                                          "extern \"C\" __global__ void b(float* y) { extern __shared__ float s[]; s[threadIdx.x] = 2; y[0] = s[0]; }\n");
  Compiled compiled = compile_text(
      "#define THREADS 64\n"
      "#if WITH\nextern \"C\" __global__ void with_it() {}\n#endif\n"
      "extern \"C\" __global__ __launch_bounds__(2 * THREADS) void laid_out(char a, long long b, int c, float* d) { __shared__ float s[10]; s[c] = a + b; __syncthreads(); *d = s[c + 1]; }\n",
      {"-DWITH=0"});
  if (!compiled.ok) {
    die(compiled.log);
  }
  Handle module = 0, function = 0;
  must(cuModuleLoadData(&module, compiled.cubin.data()), "cuModuleLoadData");
  must(cuModuleGetFunction(&function, module, "laid_out"), "cuModuleGetFunction");
  const std::size_t offsets[] = {0, 8, 16, 24}, sizes[] = {1, 8, 4, 8};
  for (std::size_t i = 0; i < 4; i++) {
    std::size_t offset = 0, size = 0;
    must(cuFuncGetParamInfo(function, i, &offset, &size), "cuFuncGetParamInfo");
    if (offset != offsets[i] || size != sizes[i]) {
      die("parameter " + std::to_string(i) + " lies at " + std::to_string(offset));
    }
  }
  int threads = 0, shared = 0;
  must(cuFuncGetAttribute(&threads, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, function), "cuFuncGetAttribute");
  must(cuFuncGetAttribute(&shared, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, function), "cuFuncGetAttribute");
  if (threads != 128 || shared != 40) {
    die("launch bound " + std::to_string(threads) + ", static shared memory " + std::to_string(shared));
  }
  if (cuModuleGetFunction(&function, module, "with_it") == 0) {
    die("a kernel that was not compiled is found");
  }
}

}  // namespace

int main(int argc, char** argv) {
  begin(argc, argv);
  check_options();
  check_errors();
  check_parameters();
  std::printf("all right\n");
}
