// Device and pinned memory. One reserved stretch of addresses holds both: every allocation has pages of its own between guard pages, starts at
// an address that is a multiple of 256 and of nothing more, and reads as poison until it is written. A freed range loses its pages at once and its
// addresses are never given out again, so every later use of it is found.
#pragma once

#include <string>
#include <vector>

#include "kernel_engine.h"
#include "random.h"

namespace softgpu {

// What fresh memory holds: a NaN as float32 and as bfloat16, a large negative number as an integer.
inline constexpr std::uint32_t kPoison = 0xFFC0FFC0u;

class Memory {
 public:
  static Memory& get();

  // Throws Refusal: CUDA_ERROR_OUT_OF_MEMORY when the device's capacity (or, for pinned memory, 8 GiB) is used up.
  std::uintptr_t allocate(Space space, std::size_t bytes, Random& random);

  // Throws Refusal (invalid value) when no live allocation of this space starts there.
  void release(Space space, std::uintptr_t address);

  // Releases everything, live and quarantined, and forgets it. Addresses start again.
  void reset();

  std::size_t capacity() const { return capacity_; }
  void set_capacity(std::size_t bytes) { capacity_ = bytes; }
  std::size_t used(Space space) const { return used_[space == Space::device ? 0 : 1]; }

  struct Live {
    std::uintptr_t address;
    std::string note;
  };
  std::vector<Live> live() const;

 private:
  Memory();

  std::size_t capacity_ = std::size_t{2} << 30;
  std::size_t used_[2] = {0, 0};
  std::uint32_t count_ = 0;     // allocations so far; slot 0 is never used
  std::uintptr_t next_ = 0;     // first address that was never given out
};

// Empty when [address, address + bytes) lies in one live allocation of `space`; else a sentence that says what lies there. `what` names the operand.
std::string misplaced(Space space, std::uintptr_t address, std::size_t bytes, const std::string& what);

}  // namespace softgpu
