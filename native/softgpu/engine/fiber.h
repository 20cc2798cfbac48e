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
#ifdef __SANITIZE_ADDRESS__
  const void* stack_bottom = nullptr;  // null until its thread told: a worker's own
  std::size_t stack_size = 0;
#endif
};

// Makes `fiber` begin in `entry`, with its stack below `record`.
void prepare(Fiber& fiber, void* record, void (*entry)());

// AddressSanitizer must know on which stack the program runs.
#ifdef __SANITIZE_ADDRESS__
void before_switch(const Fiber& to);
void after_switch();
#else
inline void before_switch(const Fiber&) {}
inline void after_switch() {}
#endif

// Leaves `from` and goes on in `to`. Inlined: fibres that stop in the same call of the same function then return as the processor foretells, since
// its stack of return addresses fits all of them. That halves the cost.
#ifdef __x86_64__
[[gnu::always_inline]] inline void switch_fiber(Fiber& from, const Fiber& to) {
  before_switch(to);
  void** save = &from.state;
  void* next = to.state;
  asm volatile(
      "leaq -128(%%rsp), %%rsp\n"  // the red zone
      "pushq %%rbp\n"
      "pushq %%rbx\n"
      "leaq 1f(%%rip), %%rcx\n"
      "pushq %%rcx\n"
      "movq %%rsp, (%0)\n"
      "movq %1, %%rsp\n"
      "popq %%rcx\n"
      "jmpq *%%rcx\n"
      "1:\n"
      "popq %%rbx\n"
      "popq %%rbp\n"
      "leaq 128(%%rsp), %%rsp\n"
      : "+D"(save), "+S"(next)
      :
      : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
        "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc");
  after_switch();
}
#else
void switch_fiber(Fiber& from, const Fiber& to);
#endif

}  // namespace softgpu::engine
