// Fibres: the threads of a block, each on its own stack, switched by hand on one thread of the operating system.
#pragma once

#include <cstddef>
#include <cstdint>

namespace softgpu::engine {

constexpr std::size_t stack_bytes = 1 << 16;  // softgpu_stack_bytes of softgpu_device.h
constexpr std::size_t record_bytes = 512;

// The record of the fibre on whose stack this address lies; softgpu_thread() in softgpu_device.h finds it by the same rule.
inline void* record_of(std::uintptr_t stack_address) {
  std::uintptr_t base = stack_address & ~(stack_bytes - 1);
  return reinterpret_cast<void*>(base + stack_bytes - record_bytes - (base / stack_bytes % 32) * 128);
}

// A row of stacks, each with an inaccessible lowest page. Unused ones cost address space only.
class Stacks {
 public:
  explicit Stacks(std::size_t count);
  ~Stacks();
  Stacks(const Stacks&) = delete;
  Stacks& operator=(const Stacks&) = delete;

  void* record(std::size_t index) const { return record_of(base_ + index * stack_bytes); }

 private:
  void* mapping_;
  std::size_t mapped_;
  std::uintptr_t base_;
};

// Where a fibre stopped, or where a new one begins.
struct Fiber {
  void* state;
};

// Makes `fiber` begin in `entry`, with its stack below `record`.
void prepare(Fiber& fiber, void* record, void (*entry)());

// Leaves `from` and goes on in `to`.
#ifdef __x86_64__
extern "C" void softgpu_switch(Fiber* from, const Fiber* to);
inline void switch_fiber(Fiber& from, const Fiber& to) { softgpu_switch(&from, &to); }
#else
void switch_fiber(Fiber& from, const Fiber& to);
#endif

}  // namespace softgpu::engine
