// Which variables a program has in shared memory, read from the symbols of its image.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace softgpu::engine {

// A variable in shared memory: where in the thread-local block of the program it lies.
struct SharedVariable {
  std::string name;  // as the linker sees it
  std::size_t offset, bytes;
  bool dynamic;
};

struct SharedLayout {
  std::vector<SharedVariable> variables;
  std::size_t block_bytes = 0;    // of the whole thread-local block
  std::size_t marker_offset = 0;  // where softgpu_shared_marker lies in it
  std::size_t image_bytes = 0;    // of the program once it is loaded

  // What kernel `name` declares with a size. Variables of device functions may serve any kernel and count for each.
  std::size_t static_bytes(const std::string& name, const std::vector<std::string>& kernels) const;
};

// Throws Fault (code 200) if these bytes are no image.
SharedLayout read_shared_layout(const void* image, std::size_t bytes);

// The most dynamic shared memory that a launch may ask for; the size by which its symbols are known.
constexpr std::size_t dynamic_capacity = 163 * 1024;

// The most that a kernel may declare with a size, on every chip.
constexpr std::size_t static_capacity = 48 * 1024;

}  // namespace softgpu::engine
