// A way to try a kernel without Java: compile a .cu file, launch it on arrays of the software CUDA device, compare. For the authors of kernels and for
// the kernel engine's own tests.
//
//   #include "run_kernel.h"
//   int main(int argc, char** argv) {
//     softgpu_test::begin(argc, argv);                                      // the first argument is the schedule's seed; drawn and printed otherwise
//     softgpu_test::Kernels k("norm.cu", {"-DREAL=float"});                 // native/kernels/norm.cu with native/include
//     softgpu_test::Array<float> x(rows * width), y(rows * width);          // device memory, which the host may touch here; NaN until written
//     for (long i = 0; i < x.size(); i++) x[i] = ...;
//     k.launch("norm_forward", {rows}, {256}, 0, x.data(), y.data(), (long long)rows, (long long)width);   // grid, block, dynamic shared bytes, arguments
//     softgpu_test::expect_near("y", y, reference, 1e-5);                    // reference: std::vector<double>; exits 1 and names the worst element
//   }
//
// Build and run:   native/softgpu/test/run.sh path/to/my_test.cpp [SEED]
// A fault (out of bounds, race, divergence ...) ends the program with the checker's report. Arguments must have the kernels' exact types: pointers,
// int, long long, float (checked by size).
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/api.h"

namespace softgpu_test {

[[noreturn]] inline void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

inline void must(int code, const char* call) {
  if (code != 0) {
    die(std::string(call) + " returned " + std::to_string(code) + ": " + softgpu_last_report());
  }
}

// The device as new. What arrays and kernels held is gone; kernels load themselves again.
inline int generation = 0;
inline std::uint64_t seed = 0;

inline void reset() {
  generation++;
  softgpu_reset(seed++);
  Handle context = 0;
  must(cuInit(0), "cuInit");
  must(cuDevicePrimaryCtxRetain(&context, 0), "cuDevicePrimaryCtxRetain");
  must(cuCtxSetCurrent(context), "cuCtxSetCurrent");
}

inline void begin(int argc, char** argv) {
  seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device{}();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  reset();
}

// An array in device memory. It begins `skew` elements behind a multiple of 256 bytes.
template <class T>
class Array {
 public:
  explicit Array(long size, long skew = 0) : size_(size), generation_(generation) {
    must(cuMemAlloc_v2(&base_, static_cast<std::size_t>(size + skew) * sizeof(T)), "cuMemAlloc");
    data_ = reinterpret_cast<T*>(base_) + skew;
  }
  ~Array() { release(); }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  long size() const { return size_; }
  T& operator[](long i) { return data_[i]; }
  const T& operator[](long i) const { return data_[i]; }

  void release() {
    if (base_ != 0 && generation_ == generation) {
      must(cuMemFree_v2(base_), "cuMemFree");
    }
    base_ = 0;
  }

 private:
  long size_;
  int generation_;
  CUdeviceptr base_ = 0;
  T* data_;
};

// bf16 as bits
inline std::uint16_t to_bf16(float x) {
  std::uint32_t b;
  std::memcpy(&b, &x, 4);
  return static_cast<std::uint16_t>((b + 0x7fff + (b >> 16 & 1)) >> 16);
}
inline float to_float(std::uint16_t x) {
  std::uint32_t b = static_cast<std::uint32_t>(x) << 16;
  float f;
  std::memcpy(&f, &b, 4);
  return f;
}
inline double value(float x) { return x; }
inline double value(std::uint16_t x) { return to_float(x); }

// The worst error beyond absolute + relative * |reference| ends the program.
template <class T>
void expect_near(const char* what, const Array<T>& got, const std::vector<double>& want, double absolute, double relative = 0) {
  double worst = -1;
  long at = 0;
  for (long i = 0; i < static_cast<long>(want.size()); i++) {
    double error = std::fabs(value(got[i]) - want[i]) - absolute - relative * std::fabs(want[i]);
    if (!(error <= worst)) {
      worst = error != error ? INFINITY : error;
      at = i;
    }
  }
  if (worst > 0) {
    die(std::string(what) + "[" + std::to_string(at) + "] is " + std::to_string(value(got[at])) + ", not " + std::to_string(want[at]));
  }
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    die("cannot read " + path.string());
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::filesystem::path native() { return std::filesystem::weakly_canonical(__FILE__).parent_path().parent_path().parent_path(); }

// What NVRTC makes of a file: the cubin, or the log of an error.
struct Compiled {
  bool ok;
  std::string log, cubin;
};

inline Compiled compile(const std::filesystem::path& path, std::vector<std::string> options) {
  std::vector<std::string> names, texts;
  std::vector<const char*> name_pointers, text_pointers, option_pointers;
  if (std::filesystem::is_directory(native() / "include")) {
    for (auto& entry : std::filesystem::directory_iterator(native() / "include")) {
      names.push_back(entry.path().filename().string());
      texts.push_back(read_file(entry.path()));
    }
  }
  for (auto& n : names) name_pointers.push_back(n.c_str());
  for (auto& t : texts) text_pointers.push_back(t.c_str());
  for (auto& o : options) option_pointers.push_back(o.c_str());
  Handle program = 0;
  std::string source = read_file(path);
  must(nvrtcCreateProgram(&program, source.c_str(), path.filename().c_str(), static_cast<int>(names.size()), text_pointers.data(), name_pointers.data()),
       "nvrtcCreateProgram");
  Compiled compiled{nvrtcCompileProgram(program, static_cast<int>(options.size()), option_pointers.data()) == 0, {}, {}};
  std::size_t bytes = 0;
  must(nvrtcGetProgramLogSize(program, &bytes), "nvrtcGetProgramLogSize");
  compiled.log.resize(bytes);
  must(nvrtcGetProgramLog(program, compiled.log.data()), "nvrtcGetProgramLog");
  if (compiled.ok) {
    must(nvrtcGetCUBINSize(program, &bytes), "nvrtcGetCUBINSize");
    compiled.cubin.resize(bytes);
    must(nvrtcGetCUBIN(program, compiled.cubin.data()), "nvrtcGetCUBIN");
  }
  must(nvrtcDestroyProgram(&program), "nvrtcDestroyProgram");
  return compiled;
}

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};

struct Fault {
  int code;
  std::string text;
};

// The kernels of one file: a path, or a name in native/kernels.
class Kernels {
 public:
  Kernels(const std::filesystem::path& file, const std::vector<std::string>& options) {
    Compiled compiled = compile(std::filesystem::exists(file) ? file : native() / "kernels" / file, options);
    if (!compiled.ok) {
      die(file.string() + " does not compile:\n" + compiled.log);
    }
    cubin_ = compiled.cubin;
  }

  // The fault, if there is one; the device is as new then.
  template <class... A>
  std::optional<Fault> try_launch(const std::string& kernel, Dim3 grid, Dim3 block, unsigned shared, A... arguments) {
    Handle function = find(kernel);
    check_sizes(kernel, function, {sizeof(A)...});
    void* pointers[] = {&arguments..., nullptr};
    int code = 0;
    constexpr unsigned without_asking = 48 << 10;
    if (shared > without_asking) {
      code = cuFuncSetAttribute(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, static_cast<int>(shared));
    }
    if (code == 0) {
      code = cuLaunchKernel(function, grid.x, grid.y, grid.z, block.x, block.y, block.z, shared, 0, pointers, nullptr);
    }
    if (code == 0) {
      code = cuCtxSynchronize();
    }
    if (code == 0) {
      return std::nullopt;
    }
    Fault fault{code, softgpu_last_report()};
    reset();
    return fault;
  }

  template <class... A>
  void launch(const std::string& kernel, Dim3 grid, Dim3 block, unsigned shared, A... arguments) {
    if (auto fault = try_launch(kernel, grid, block, shared, arguments...)) {
      die("fault " + std::to_string(fault->code) + ": " + fault->text);
    }
  }

 private:
  Handle find(const std::string& kernel) {
    if (generation_ != generation) {
      must(cuModuleLoadData(&module_, cubin_.data()), "cuModuleLoadData");
      generation_ = generation;
    }
    Handle function = 0;
    must(cuModuleGetFunction(&function, module_, kernel.c_str()), "cuModuleGetFunction");
    return function;
  }

  static void check_sizes(const std::string& kernel, Handle function, const std::vector<std::size_t>& sizes) {
    std::size_t offset = 0, bytes = 0;
    for (std::size_t i = 0; i < sizes.size(); i++) {
      if (cuFuncGetParamInfo(function, i, &offset, &bytes) != 0 || bytes != sizes[i]) {
        die(kernel + ": argument " + std::to_string(i) + " does not fit the kernel's parameter");
      }
    }
    if (cuFuncGetParamInfo(function, sizes.size(), &offset, &bytes) == 0) {
      die(kernel + " takes more than " + std::to_string(sizes.size()) + " arguments");
    }
  }

  std::string cubin_;
  Handle module_ = 0;
  int generation_ = -1;
};

}  // namespace softgpu_test
