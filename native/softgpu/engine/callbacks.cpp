// What the compiler's instrumentation calls: -fsanitize=thread for every load and store, -fsanitize=alignment,bounds for its own findings. Programs
// reach these through stubs of the compiler's names (epilogue in source.cpp), so the library exports softgpu_* only.
#include "checker.h"
#include "thread.h"

using namespace softgpu::engine;

#define SOFTGPU_ENTRY extern "C" [[gnu::visibility("default")]]

namespace {

bool on_own_stack(const Thread& thread, std::uintptr_t address) { return (address ^ reinterpret_cast<std::uintptr_t>(&thread)) < softgpu::engine::stack_bytes; }

template <Access access, unsigned bytes>
inline void simple(const void* at, const void* code) {
  Thread& thread = current();
  auto address = reinterpret_cast<std::uintptr_t>(at);
  if (!on_own_stack(thread, address)) {
    thread.worker->checker.check_simple<access, bytes>(thread, address, code);
  }
}

inline void range(const void* at, std::size_t bytes, Access access, const void* code) {
  Thread& thread = current();
  auto address = reinterpret_cast<std::uintptr_t>(at);
  if (!on_own_stack(thread, address)) {
    thread.worker->checker.check(thread, address, static_cast<unsigned>(bytes), access, {code, nullptr});
  }
}

// As the undefined-behaviour sanitizer lays them out.
struct SourceLocation {
  const char* file;
  std::uint32_t line, column;
};
struct TypeDescriptor {
  std::uint16_t kind, info;
  char name[1];
};
struct TypeMismatch {
  SourceLocation location;
  const TypeDescriptor* type;
  unsigned char log_alignment, kind;
};
struct OutOfBounds {
  SourceLocation location;
  const TypeDescriptor *array, *index;
};

Site site_of(const SourceLocation& location) { return {"", location.file, static_cast<int>(location.line)}; }

}  // namespace

#define SOFTGPU_SIZE(bytes)                                                                                                              \
  SOFTGPU_ENTRY void softgpu_read##bytes(const void* at) { simple<Access::read, bytes>(at, __builtin_return_address(0)); }               \
  SOFTGPU_ENTRY void softgpu_write##bytes(void* at) { simple<Access::write, bytes>(at, __builtin_return_address(0)); }
SOFTGPU_SIZE(1)
SOFTGPU_SIZE(2)
SOFTGPU_SIZE(4)
SOFTGPU_SIZE(8)
SOFTGPU_SIZE(16)

SOFTGPU_ENTRY void softgpu_read_range(const void* at, std::size_t bytes) { range(at, bytes, Access::read, __builtin_return_address(0)); }
SOFTGPU_ENTRY void softgpu_write_range(void* at, std::size_t bytes) { range(at, bytes, Access::write, __builtin_return_address(0)); }

SOFTGPU_ENTRY void softgpu_type_mismatch(const TypeMismatch* found, std::uintptr_t address) {
  Site site = site_of(found->location);
  std::string type = found->type->name;
  if (address == 0) {
    fail(current(), 700, "null pointer: it is used as a " + type, {nullptr, &site});
  }
  fail(current(), 716,
       "misaligned: address " + hex(address) + " is used as a " + type + ", which needs a multiple of " + std::to_string(1u << found->log_alignment),
       {nullptr, &site});
}

SOFTGPU_ENTRY void softgpu_out_of_bounds(const OutOfBounds* found, std::uint64_t index) {
  Site site = site_of(found->location);
  fail(current(), 700,
       "out of bounds: index " + std::to_string(static_cast<std::int64_t>(index)) + " of an array of type " + found->array->name, {nullptr, &site});
}

// All other findings begin with their place. Asked for in the build for AddressSanitizer only (compiler.cpp).
#define SOFTGPU_UNDEFINED(name, what)                                                     \
  SOFTGPU_ENTRY void softgpu_##name(const SourceLocation* found) {                        \
    Site site = site_of(*found);                                                          \
    fail(current(), 719, std::string("undefined behaviour: ") + what, {nullptr, &site});  \
  }
SOFTGPU_UNDEFINED(shift_out_of_bounds, "a shift by more bits than the type has, or of a negative number")
SOFTGPU_UNDEFINED(divrem_overflow, "a division by zero, or one that overflows")
SOFTGPU_UNDEFINED(add_overflow, "a signed addition overflows")
SOFTGPU_UNDEFINED(sub_overflow, "a signed subtraction overflows")
SOFTGPU_UNDEFINED(mul_overflow, "a signed multiplication overflows")
SOFTGPU_UNDEFINED(negate_overflow, "a signed negation overflows")
SOFTGPU_UNDEFINED(load_invalid_value, "a bool or enum that holds none of its values")
