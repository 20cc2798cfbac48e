// Atomic operations on 32 and 64-bit integers; blocks run on several threads, so they are the host's own.
#include <array>
#include <mutex>

#include "thread.h"

namespace softgpu::engine {

namespace {

enum Operation { add, exchange, maximum, minimum, signed_maximum, signed_minimum, bit_and, bit_or, bit_xor, compare_and_swap, subtract, increment };

template <class T>
T combine(int operation, T old, T value, T compare) {
  using Signed = std::make_signed_t<T>;
  auto less = [](T a, T b) { return static_cast<Signed>(a) < static_cast<Signed>(b); };
  switch (operation) {
    case add:
      return old + value;
    case exchange:
      return value;
    case maximum:
      return old < value ? value : old;
    case minimum:
      return value < old ? value : old;
    case signed_maximum:
      return less(old, value) ? value : old;
    case signed_minimum:
      return less(value, old) ? value : old;
    case bit_and:
      return old & value;
    case bit_or:
      return old | value;
    case bit_xor:
      return old ^ value;
    case compare_and_swap:
      return old == compare ? value : old;
    case subtract:
      return old - value;
    default:
      return old >= value ? 0 : old + 1;
  }
}

template <class T>
T apply(int operation, T* at, T value, T compare) {
  T old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(at, &old, combine(operation, old, value, compare), true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
  }
  return old;
}

// One of a few locks, by address.
std::mutex& order_of(std::uintptr_t address) {
  static std::array<std::mutex, 64> locks;
  return locks[address / sizeof(std::uint64_t) % locks.size()];
}

template <class T>
T checked(int operation, T* at, T value, T compare, Site site) {
  Thread& thread = current();
  Checker& checker = thread.worker->checker;
  auto address = reinterpret_cast<std::uintptr_t>(at);
  checker.check(thread, address, sizeof(T), Access::atomic, {nullptr, &site});
  if (checker.is_shared(address)) {
    return apply(operation, at, value, compare);
  }
  // Number, stamp and operation in one piece: of two on the same place, the later one has the greater number and leaves its stamp.
  std::lock_guard lock(order_of(address));
  checker.publish(thread);
  checker.stamp_atomic(thread, address, sizeof(T));
  T old = apply(operation, at, value, compare);
  checker.acquire();
  return old;
}

}  // namespace

}  // namespace softgpu::engine

using namespace softgpu::engine;

#define SOFTGPU_ENTRY extern "C" [[gnu::visibility("default")]]

SOFTGPU_ENTRY unsigned softgpu_atomic32(int operation, unsigned* at, unsigned value, unsigned compare, const char* file, int line) {
  return checked(operation, at, value, compare, {"an atomic operation", file, line});
}

SOFTGPU_ENTRY unsigned long long softgpu_atomic64(int operation, unsigned long long* at, unsigned long long value, unsigned long long compare,
                                                 const char* file, int line) {
  return checked(operation, at, value, compare, {"an atomic operation", file, line});
}

SOFTGPU_ENTRY void softgpu_fence() {
  Thread& thread = current();
  thread.worker->checker.fence(thread);
}

SOFTGPU_ENTRY void softgpu_trap(const char* file, int line) {
  Site site{"__trap", file, line};
  fail(current(), 719, "__trap was called", {nullptr, &site});
}
