// A compiled .cu file in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../kernel_engine.h"
#include "shared_layout.h"

namespace softgpu {

namespace engine {

struct LoadedKernel : KernelInfo {
  void (*entry)(const unsigned char* parameters);
};

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
  const std::vector<engine::SharedVariable>& shared() const { return layout_.variables; }
  // The calling OS thread's own block of shared memory, as long as `shared_bytes`.
  unsigned char* shared_block() const { return shared_marker_() - layout_.marker_offset; }
  std::size_t shared_bytes() const { return layout_.block_bytes; }
  // Where its own constants lie.
  std::uintptr_t image_begin() const { return image_begin_; }
  std::uintptr_t image_end() const { return image_end_; }
  // The line of the call that returns to this address: "norm.cu:17", with the callers of inlined functions.
  std::string line_of(const void* return_address) const;

 private:
  void read_kernels();

  std::uint64_t id_;
  int file_ = -1;
  void* handle_ = nullptr;
  std::string path_;
  std::vector<engine::LoadedKernel> kernels_;
  engine::SharedLayout layout_;
  unsigned char* (*shared_marker_)() = nullptr;
  std::uintptr_t image_begin_ = 0, image_end_ = 0;
};

}  // namespace softgpu
