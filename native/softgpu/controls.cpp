// softgpu_*: what a test can ask of the device and tell it. The same can be set by the environment when the library is loaded:
// SOFTGPU_SEED=n, SOFTGPU_MEMORY=bytes, SOFTGPU_FAIL=function:nth:code[,...].
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "device.h"
#include "device_memory.h"
#include "kernel_engine.h"

namespace softgpu {

std::string describe_live_objects(bool whole) {
  std::string text;
  const auto line = [&](const std::string& what, Handle handle) {
    text += what + (release_was_refused(handle) ? " (its release was told to fail)" : "") + "\n";
  };
  for (const Memory::Live& live : Memory::get().live()) line(live.note, live.address);
  for (const AnyTable* table : AnyTable::tables()) {
    if (table->owner == AnyTable::Owner::parent || (table->owner == AnyTable::Owner::process && !whole)) continue;
    for (const Handle handle : table->handles()) line(std::string(table->kind) + " " + hex(handle), handle);
  }
  return text;
}

namespace {

// Texts live until the same thread asks again.
const char* keep(std::string text) {
  static thread_local std::string kept;
  kept = std::move(text);
  return kept.c_str();
}

[[noreturn]] void bad_environment(const char* name, const std::string& value) {
  std::fprintf(stderr, "softgpu: %s=%s is not understood\n", name, value.c_str());
  std::abort();
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr) return otherwise;
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 0);
  if (end == text || *end != 0) bad_environment(name, text);
  return value;
}

void faults_from_environment() {
  const char* text = std::getenv("SOFTGPU_FAIL");
  if (text == nullptr) return;
  std::stringstream list(text);
  for (std::string entry; std::getline(list, entry, ',');) {
    const auto first = entry.find(':'), second = entry.find(':', first + 1);
    if (second == std::string::npos) bad_environment("SOFTGPU_FAIL", entry);
    const auto nth = std::strtoull(entry.c_str() + first + 1, nullptr, 10);
    const int code = std::atoi(entry.c_str() + second + 1);
    if (nth == 0 || !fail_call(entry.substr(0, first), nth, code)) bad_environment("SOFTGPU_FAIL", entry);
  }
}

struct FromEnvironment {
  FromEnvironment() {
    Memory::get().set_capacity(number_from("SOFTGPU_MEMORY", Memory::get().capacity()));
    Device::get().reset(number_from("SOFTGPU_SEED", 1));
    faults_from_environment();
  }
} const from_environment;

}  // namespace
}  // namespace softgpu

using namespace softgpu;

// A device as new, with this seed: contexts, memory, objects, counts, told failures and reports of before are gone.
SOFTGPU_EXPORT void softgpu_reset(std::uint64_t seed) {
  const std::lock_guard lock(device_lock());
  Device::get().reset(seed);
  forget_calls();
}

SOFTGPU_EXPORT std::uint64_t softgpu_seed() {
  const std::lock_guard lock(device_lock());
  return Device::get().seed;
}

// The device's capacity from now on; what is allocated stays. 2 GiB until it is set.
SOFTGPU_EXPORT void softgpu_set_memory(std::uint64_t bytes) {
  const std::lock_guard lock(device_lock());
  Memory::get().set_capacity(bytes);
}

// The nth call of the function from now on (1: the next) returns `code` and does nothing; nth 0 takes it back. One failure per function can wait.
// 0, or -1 for a function that is unknown or returns no status, or a code that is no error.
SOFTGPU_EXPORT int softgpu_fail(const char* function, std::uint64_t nth, int code) {
  const std::lock_guard lock(device_lock());
  return function != nullptr && fail_call(function, nth, code) ? 0 : -1;
}

// How often the function was called since the last reset; -1 for an unknown one.
SOFTGPU_EXPORT std::int64_t softgpu_calls(const char* function) {
  const std::lock_guard lock(device_lock());
  const auto calls = function == nullptr ? std::nullopt : calls_of(function);
  return calls ? static_cast<std::int64_t>(*calls) : -1;
}

// The names of all functions that can be told to fail, one on a line.
SOFTGPU_EXPORT const char* softgpu_functions() { return keep(function_list()); }

// What the device's fault was, as long as it sticks; else why the last refused call was refused. Empty if neither.
SOFTGPU_EXPORT const char* softgpu_last_report() {
  const std::lock_guard lock(device_lock());
  return keep(last_report());
}

// One line for every object that a context left when it ended, and for every object that is alive now. Empty is clean.
SOFTGPU_EXPORT const char* softgpu_leaks() {
  const std::lock_guard lock(device_lock());
  return keep(Device::get().past_leaks + describe_live_objects(true));
}

// Bytes of device memory that are allocated now.
SOFTGPU_EXPORT std::uint64_t softgpu_memory_used() {
  const std::lock_guard lock(device_lock());
  return Memory::get().used(Space::device);
}

// The C++ compiler, by its file, that compiles kernels from now on.
SOFTGPU_EXPORT void softgpu_set_compiler(const char* program) {
  const std::lock_guard lock(device_lock());
  if (program != nullptr) use_compiler(program);
}
