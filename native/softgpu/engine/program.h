// A compiled .cu file in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../kernel_engine.h"

namespace softgpu {

namespace engine {

struct LoadedKernel : KernelInfo {
  void (*entry)(const unsigned char* parameters);
};

// A variable in shared memory: where in the thread-local block of the program it lies.
struct SharedVariable {
  std::string name;
  std::size_t offset, bytes;
  bool dynamic;
};

// The most dynamic shared memory that a launch may ask for.
constexpr std::size_t dynamic_capacity = 163 * 1024;

// Compared before an image is run: the engine's own version, and what the compiler was told about the processor.
const std::string& image_version();

}  // namespace engine

class Program {
 public:
  Program(const void* image, std::size_t bytes);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::uint64_t id() const { return id_; }  // from 1, never given twice
  const std::vector<engine::LoadedKernel>& kernels() const { return kernels_; }
  const std::vector<engine::SharedVariable>& shared() const { return shared_; }
  // The calling OS thread's own block of shared memory, as long as `shared_bytes`.
  unsigned char* shared_block() const { return shared_marker_() - marker_offset_; }
  std::size_t shared_bytes() const { return shared_bytes_; }
  // Where its own constants lie.
  std::uintptr_t image_begin() const { return image_begin_; }
  std::uintptr_t image_end() const { return image_end_; }
  // The line of the call that returns to this address: "norm.cu:17", with the callers of inlined functions.
  std::string line_of(const void* return_address) const;

 private:
  void read_symbols(const unsigned char* image, std::size_t bytes);
  void read_kernels();

  std::uint64_t id_;
  int file_ = -1;
  void* handle_ = nullptr;
  std::string path_;
  std::vector<engine::LoadedKernel> kernels_;
  std::vector<engine::SharedVariable> shared_;
  std::size_t shared_bytes_ = 0;
  unsigned char* (*shared_marker_)() = nullptr;
  std::size_t marker_offset_ = 0;
  std::size_t image_bytes_ = 0;
  std::uintptr_t image_begin_ = 0, image_end_ = 0;
};

}  // namespace softgpu
