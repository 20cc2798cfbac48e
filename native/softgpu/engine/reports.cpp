// The checker's findings in words.
#include <cxxabi.h>

#include <cstdio>
#include <cstdlib>

#include "checker.h"
#include "program.h"
#include "thread.h"

namespace softgpu::engine {

namespace {

enum Code { illegal_address = 700, misaligned_address = 716, launch_failed = 719 };

std::string verb(Access access) {
  switch (access) {
    case Access::read:
      return "reads";
    case Access::atomic:
      return "atomically changes";
    case Access::copy_begins:
      return "copies (cp.async)";
    default:
      return "writes";
  }
}

std::string count(unsigned bytes) { return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes"); }

// "tile" of the variable `float tile[32]` in kernel or function f: _ZZ1fE4tile.
std::string plain_name(const std::string& symbol) {
  int status = 0;
  char* demangled = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
  std::string name = status == 0 ? demangled : symbol;
  std::free(demangled);
  std::size_t colon = name.rfind("::");
  return colon == std::string::npos ? name : name.substr(colon + 2);
}

std::string position(std::uint64_t linear, Dim3 extent) {
  return "(" + std::to_string(linear % extent.x) + "," + std::to_string(linear / extent.x % extent.y) + "," + std::to_string(linear / extent.x / extent.y) + ")";
}

std::string others(const Launch& launch, Stamp other, bool reads) {
  std::string verb = reads ? " read" : " wrote";
  if (reads && (other & many) != 0) {
    return "several threads" + verb;
  }
  return "thread " + position(thread_of(other), launch.block) + verb;
}

}  // namespace

std::string hex(std::uint64_t value) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

void Checker::report_shared(Thread& thread, std::uintptr_t offset, unsigned bytes, Access access, Where where, unsigned cell) const {
  const SharedVariable* variable = nullptr;
  for (const SharedVariable& v : launch_->program.shared()) {
    if (v.offset <= offset && (variable == nullptr || v.offset > variable->offset)) {
      variable = &v;
    }
  }
  std::string name = variable == nullptr ? "shared memory" : "shared memory '" + plain_name(variable->name) + "'";
  std::size_t size = variable == nullptr ? 0 : variable->dynamic ? launch_->dynamic_shared : variable->bytes;
  std::size_t at = variable == nullptr ? offset : offset - variable->offset;
  std::string what = verb(access) + " " + count(bytes) + " at byte " + std::to_string(at) + " of " + name;
  if (at + bytes > size) {
    fail(thread, illegal_address, "out of bounds: it " + what + ", which has " + std::to_string(size) + " bytes", where);
  }
  Stamp written = shared_written_[cell];
  Stamp read = shared_read_[cell];
  bool known = (written >> place_shift) >= block_time_;
  if (known && (written & in_flight) != 0) {
    fail(thread, launch_failed, "it " + what + ", where a cp.async of thread " + position(thread_of(written), launch_->block) + " is under way: no wait between",
         where);
  }
  if (!known && (access == Access::read || access == Access::atomic)) {
    fail(thread, launch_failed, "uninitialised shared memory: it " + what + ", which the block never wrote", where);
  }
  bool by_write = !shared_write_is_ordered(thread, written);
  fail(thread, launch_failed, "race: it " + what + ", which " + others(*launch_, by_write ? written : read, !by_write) + " with no barrier between", where);
}

void Checker::report_race(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where, Stamp other, bool other_reads) const {
  Range range = lookup(address);
  std::string what = "race: it " + verb(access) + " " + count(bytes) + " at byte " + std::to_string(address - range.begin) + " of " + range.note;
  if ((other & many_blocks) != 0 && other_reads) {
    fail(thread, launch_failed, what + ", which several blocks read in the same launch", where);
  }
  bool same_block = ((other ^ block_stamp_) & block_bits) == 0;
  std::string block = same_block ? "" : " of block " + position(block_of(other), launch_->grid);
  fail(thread, launch_failed,
       what + ", which " + others(*launch_, other, other_reads) + (same_block ? " with no barrier between" : " in the same launch") + block, where);
}

void Checker::report_place(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where) const {
  std::string what = "it " + verb(access) + " " + count(bytes) + " at " + hex(address);
  bool power = (bytes & (bytes - 1)) == 0;
  if (power && address % bytes != 0) {
    fail(thread, misaligned_address, "misaligned: " + what + ", which is not a multiple of " + std::to_string(bytes), where);
  }
  if (is_shared(address)) {
    fail(thread, 717, "wrong memory: " + what + ", in shared memory, where global memory is needed", where);
  }
  Range range = lookup(address);
  std::string note = range.note;
  if (range.space == Space::device && where.site != nullptr && range.end - address >= bytes) {
    fail(thread, 717, "wrong memory: " + what + ", in " + note + ", where shared memory is needed", where);
  }
  switch (range.space) {
    case Space::device:
      fail(thread, illegal_address, "out of bounds: " + what + ", beyond the end of " + note, where);
    case Space::guard:
      fail(thread, illegal_address,
           "out of bounds: " + what + ", " +
               (address < range.begin ? std::to_string(range.begin - address) + " bytes before " : std::to_string(address - range.end) + " bytes behind the end of ") +
               note,
           where);
    case Space::freed:
      fail(thread, illegal_address, "freed memory: " + what + " in what was " + note, where);
    case Space::pinned_host:
      fail(thread, illegal_address, "host memory: " + what + ", " + note, where);
    default:
      break;
  }
  constexpr std::size_t near = 256;
  if (address - shared_base_ < shared_bytes_ + near) {
    report_shared(thread, address - shared_base_, bytes, access, where, 0);
  }
  if (shared_base_ - address <= near) {
    fail(thread, illegal_address, "out of bounds: " + what + ", before the beginning of shared memory", where);
  }
  auto distance = address ^ reinterpret_cast<std::uintptr_t>(&thread);
  fail(thread, illegal_address, (distance < max_block_threads * stack_bytes ? "another thread's local memory: " : "no device memory: ") + what + ", " + note, where);
}

}  // namespace softgpu::engine
