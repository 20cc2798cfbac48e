// A way to try a kernel without Java: compile a .cu file, launch it on arrays, compare. For the authors of kernels and for the engine's own tests.
//
//   #include "run_kernel.h"
//   int main() {
//     softgpu_test::Kernels k("norm.cu", {"-DREAL=float"});                 // native/kernels/norm.cu with native/include
//     softgpu_test::Array<float> x(rows * width), y(rows * width);          // device memory: bounds are checked; NaN until written
//     for (long i = 0; i < x.size(); i++) x[i] = ...;
//     k.launch("norm_forward", {rows}, {256}, 0, x.data(), y.data(), (long long)rows, (long long)width);   // grid, block, dynamic shared bytes, arguments
//     softgpu_test::expect_near("y", y, reference, 1e-5);                    // reference: std::vector<double>; exits 1 and names the worst element
//   }
//
// Build and run, from the repository's root:
//   native/softgpu/test/run.sh path/to/my_test.cpp [seed]
// A fault (out of bounds, race, divergence ...) ends the program with the checker's report. The schedule's seed is printed; give it to repeat a run.
// Arguments must have the kernels' exact types: pointers, int, long long, float (checked by size).
#pragma once

#include <sys/mman.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "../kernel_engine.h"

namespace softgpu_test {

[[noreturn]] inline void die(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

// What the device model is in the library: which memory there is. begin -> (end, space).
struct Allocation {
  std::uintptr_t end;
  softgpu::Space space;
};
inline std::map<std::uintptr_t, Allocation>& memory_map() {
  static auto& map = *new std::map<std::uintptr_t, Allocation>;
  return map;
}

// An array in device memory. `skew` elements are left free before it, so that it is aligned no better than that says.
template <class T>
class Array {
 public:
  explicit Array(long size, long skew = 0) : size_(size), bytes_((size + skew) * sizeof(T)) {
    base_ = static_cast<char*>(std::aligned_alloc(256, (bytes_ + 511) / 256 * 256));
    std::memset(base_, 0xff, bytes_);
    data_ = reinterpret_cast<T*>(base_) + skew;
    memory_map()[begin()] = {begin() + bytes_, softgpu::Space::device};
  }
  ~Array() {
    memory_map().erase(begin());
    std::free(base_);
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  long size() const { return size_; }
  T& operator[](long i) { return data_[i]; }
  const T& operator[](long i) const { return data_[i]; }
  // From now on as after cuMemFree.
  void release() { memory_map()[begin()].space = softgpu::Space::freed; }

 private:
  std::uintptr_t begin() const { return reinterpret_cast<std::uintptr_t>(base_); }
  long size_, bytes_;
  char* base_;
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

inline std::uint64_t& seed() {
  static std::uint64_t value = [] {
    const char* given = std::getenv("SOFTGPU_SEED");
    std::uint64_t s = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::fprintf(stderr, "seed %llu\n", static_cast<unsigned long long>(s));
    return s;
  }();
  return value;
}

// The compiled kernels of one file. The folder native is found by the macro SOFTGPU_NATIVE, which run.sh sets.
class Kernels {
 public:
  Kernels(const std::string& file, std::vector<std::string> options) {
    std::filesystem::path native(SOFTGPU_NATIVE), path(file);
    if (!std::filesystem::exists(path)) {
      path = native / "kernels" / file;
    }
    std::vector<softgpu::Header> headers;
    for (auto& entry : std::filesystem::directory_iterator(native / "include")) {
      headers.push_back({entry.path().filename().string(), read_file(entry.path())});
    }
    softgpu::CompileResult result = softgpu::compile(read_file(path), path.filename().string(), headers, options);
    std::fputs(result.log.c_str(), stderr);
    if (!result.ok) {
      die(path.string() + " does not compile");
    }
    program_ = softgpu::load(result.image.data(), result.image.size());
  }

  const softgpu::KernelInfo& info(const std::string& kernel) const {
    const softgpu::KernelInfo* found = softgpu::find(*program_, kernel);
    return found != nullptr ? *found : throw std::runtime_error("no kernel " + kernel);
  }

  template <class... A>
  std::optional<softgpu::Fault> try_launch(const std::string& kernel, softgpu::Dim3 grid, softgpu::Dim3 block, std::size_t shared, A... arguments) {
    const softgpu::KernelInfo& k = info(kernel);
    std::vector<unsigned char> packed(4096);
    std::size_t index = 0;
    auto put = [&](auto a) {
      if (index >= k.param_sizes.size() || k.param_sizes[index] != sizeof a) {
        die(kernel + ": argument " + std::to_string(index) + " does not fit the kernel's parameter");
      }
      std::memcpy(packed.data() + k.param_offsets[index++], &a, sizeof a);
    };
    (put(arguments), ...);
    if (index != k.param_sizes.size()) {
      die(kernel + " takes " + std::to_string(k.param_sizes.size()) + " arguments, not " + std::to_string(index));
    }
    return softgpu::run(*program_, k, grid, block, shared, packed.data(), seed()++);
  }

  template <class... A>
  void launch(const std::string& kernel, softgpu::Dim3 grid, softgpu::Dim3 block, std::size_t shared, A... arguments) {
    if (auto fault = try_launch(kernel, grid, block, shared, arguments...)) {
      die("fault " + std::to_string(fault->code) + ": " + fault->text);
    }
  }

 private:
  std::shared_ptr<softgpu::Program> program_;
};

}  // namespace softgpu_test

namespace softgpu {

inline Range lookup(std::uintptr_t address) {
  auto& map = softgpu_test::memory_map();
  auto after = map.upper_bound(address);
  if (after == map.begin()) {
    return {Space::none, 0, 0, "no device memory"};
  }
  auto& [begin, allocation] = *std::prev(after);
  if (address >= allocation.end) {
    return {address < allocation.end + 256 ? Space::guard : Space::none, begin, allocation.end, "an array"};
  }
  return {allocation.space, begin, allocation.end, "an array"};
}

// Inline functions that nobody in this file calls would not be emitted; the engine needs it.
[[gnu::used]] inline Range (*const keep_lookup)(std::uintptr_t) = lookup;

}  // namespace softgpu
