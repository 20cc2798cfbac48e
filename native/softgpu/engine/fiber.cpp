#include "fiber.h"

#include <sys/mman.h>

#include <new>

#ifdef __SANITIZE_ADDRESS__
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace softgpu::engine {

namespace {
constexpr std::size_t page = 4096;
}

Stacks::Stacks(std::size_t count) : mapped_((count + 1) * stack_bytes) {
  mapping_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping_ == MAP_FAILED) {
    throw std::bad_alloc();
  }
  base_ = (reinterpret_cast<std::uintptr_t>(mapping_) + stack_bytes - 1) & ~(stack_bytes - 1);
  for (std::size_t i = 0; i < count; i++) {
    if (mprotect(reinterpret_cast<void*>(base_ + i * stack_bytes), page, PROT_NONE) != 0) {
      munmap(mapping_, mapped_);
      throw std::bad_alloc();
    }
  }
}

Stacks::~Stacks() { munmap(mapping_, mapped_); }

#ifdef __SANITIZE_ADDRESS__

namespace {

// The stack of this thread of the operating system.
struct OwnStack {
  void* bottom = nullptr;
  std::size_t size = 0;
  OwnStack() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstack(&attributes, &bottom, &size);
      pthread_attr_destroy(&attributes);
    }
  }
};

}  // namespace

void before_switch(const Fiber& to) {
  static thread_local const OwnStack own;
  bool fiber = to.stack_bottom != nullptr;
  __sanitizer_start_switch_fiber(nullptr, fiber ? to.stack_bottom : own.bottom, fiber ? to.stack_size : own.size);
}

void after_switch() { __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr); }

namespace {

// A fibre that a fault ended left its frames marked.
void clean_stack(Fiber& fiber, std::uintptr_t top) {
  std::uintptr_t bottom = (top & ~(stack_bytes - 1)) + page;
  __asan_unpoison_memory_region(reinterpret_cast<void*>(bottom), top - bottom);
  fiber.stack_bottom = reinterpret_cast<void*>(bottom);
  fiber.stack_size = top - bottom;
}

}  // namespace

#else

namespace {
void clean_stack(Fiber&, std::uintptr_t) {}
}  // namespace

#endif

#ifdef __x86_64__

void prepare(Fiber& fiber, void* record, void (*entry)()) {
  // As if `entry` had been called: above it a return address that is never used, ending at a multiple of 16 bytes.
  auto* top = reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(record) & ~std::uintptr_t{63});
  clean_stack(fiber, reinterpret_cast<std::uintptr_t>(top));
  top[-1] = nullptr;
  top[-2] = reinterpret_cast<void*>(entry);
  fiber.state = top - 2;
}

#else

namespace {
struct Context {
  ucontext_t context;
};
}  // namespace

// The context lies at the upper end of the stack, below the record; a worker's own fibre allocates one.
void prepare(Fiber& fiber, void* record, void (*entry)()) {
  auto end = reinterpret_cast<std::uintptr_t>(record) - sizeof(Context) & ~std::uintptr_t{63};
  auto* made = new (reinterpret_cast<void*>(end)) Context;
  std::uintptr_t low = (end & ~(stack_bytes - 1)) + page;
  getcontext(&made->context);
  made->context.uc_stack.ss_sp = reinterpret_cast<void*>(low);
  made->context.uc_stack.ss_size = end - low;
  made->context.uc_link = nullptr;
  makecontext(&made->context, entry, 0);
  fiber.state = made;
}

void switch_fiber(Fiber& from, const Fiber& to) {
  if (from.state == nullptr) {
    from.state = new Context;
  }
  swapcontext(&static_cast<Context*>(from.state)->context, &static_cast<Context*>(to.state)->context);
}

#endif

}  // namespace softgpu::engine
