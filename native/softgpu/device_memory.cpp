#include "device_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "device.h"

namespace softgpu {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kArena = std::size_t{256} << 30;
constexpr std::size_t kPinnedCapacity = std::size_t{8} << 30;
constexpr std::size_t kPoisonFile = std::size_t{4} << 20;
constexpr std::uint32_t kSlots = 1u << 22;

// One allocation, live or freed. Written before its pages point to it; afterwards only `space` changes.
struct Slot {
  std::atomic<Space> space;
  std::uintptr_t begin, end;
  char note[96];
};

std::uintptr_t arena;              // [arena, arena + kArena): no access, except in live allocations
std::atomic<std::uint32_t>* pages;  // for every page of the arena the slot it belongs to, 0 for none
Slot* slots;
int poison_file;

void* reserve(std::size_t bytes, int protection) {
  void* at = mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) {
    std::fprintf(stderr, "softgpu: cannot reserve %zu bytes of address space\n", bytes);
    std::abort();
  }
  return at;
}

int make_poison_file() {
  const int file = memfd_create("softgpu-poison", MFD_CLOEXEC);
  const std::vector<std::uint32_t> poison(kPoisonFile / sizeof kPoison, kPoison);
  if (file < 0 || write(file, poison.data(), kPoisonFile) != static_cast<ssize_t>(kPoisonFile)) {
    std::perror("softgpu: cannot make the poison file");
    std::abort();
  }
  return file;
}

// Private copies of the poison file: pages cost memory only once they are written.
bool map_poison(std::uintptr_t begin, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes; done += kPoisonFile) {
    const std::size_t part = std::min(kPoisonFile, bytes - done);
    void* at = mmap(reinterpret_cast<void*>(begin + done), part, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, poison_file, 0);
    if (at == MAP_FAILED) return false;
  }
  return true;
}

void unmap(std::uintptr_t begin, std::size_t bytes) {
  if (bytes == 0) return;
  void* at = mmap(reinterpret_cast<void*>(begin), bytes, PROT_NONE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) std::abort();
}

std::size_t page_index(std::uintptr_t address) { return (address - arena) / kPage; }

std::uintptr_t page_down(std::uintptr_t address) { return address / kPage * kPage; }
std::uintptr_t page_up(std::uintptr_t address) { return page_down(address + kPage - 1); }

const char* name_of(Space space) { return space == Space::pinned_host ? "pinned memory" : "device memory"; }

}  // namespace

Memory& Memory::get() {
  static Memory* const memory = new Memory();
  return *memory;
}

Memory::Memory() {
  poison_file = make_poison_file();
  slots = static_cast<Slot*>(reserve(sizeof(Slot) * kSlots, PROT_READ | PROT_WRITE));
  pages = static_cast<std::atomic<std::uint32_t>*>(reserve(sizeof(*pages) * (kArena / kPage), PROT_READ | PROT_WRITE));
  next_ = reinterpret_cast<std::uintptr_t>(reserve(kArena, PROT_NONE));
  arena = next_;
}

std::uintptr_t Memory::allocate(Space space, std::size_t bytes, Random& random) {
  std::size_t& used = used_[space == Space::device ? 0 : 1];
  const std::size_t capacity = space == Space::device ? capacity_ : kPinnedCapacity;
  if (bytes > capacity || used > capacity - bytes) {
    throw Refusal{CUDA_ERROR_OUT_OF_MEMORY, std::to_string(bytes) + " bytes of " + name_of(space) + " asked for, " + std::to_string(used) + " of " +
                                                std::to_string(capacity) + " in use"};
  }
  // A guard page, the data somewhere in the page behind it, and a guard page that the next allocation does not share.
  const std::uintptr_t before = next_;
  const std::uintptr_t begin = before + kPage + 256 * (2 * random.below(8) + 1);
  const std::uintptr_t after = page_up(begin + bytes);
  if (after + kPage > arena + kArena || count_ + 1 >= kSlots) {
    throw Refusal{CUDA_ERROR_OUT_OF_MEMORY, "the quarantine of freed addresses is full; softgpu_reset empties it"};
  }
  if (!map_poison(before + kPage, after - before - kPage)) throw Refusal{CUDA_ERROR_OUT_OF_MEMORY, "the host has no memory left"};
  Slot& slot = slots[++count_];
  slot.begin = begin;
  slot.end = begin + bytes;
  std::snprintf(slot.note, sizeof slot.note, "%s, allocation %u, %zu bytes at 0x%" PRIxPTR, name_of(space), count_, bytes, begin);
  slot.space.store(space, std::memory_order_release);
  for (std::size_t page = page_index(before); page <= page_index(after); page++) pages[page].store(count_, std::memory_order_release);
  next_ = after + kPage;
  used += bytes;
  return begin;
}

void Memory::release(Space space, std::uintptr_t address) {
  const Range range = lookup(address);
  if (range.space != space || range.begin != address) {
    throw Refusal{CUDA_ERROR_INVALID_VALUE, "no " + std::string(name_of(space)) + " starts at " + hex(address) + " (" + range.note + ")"};
  }
  Slot& slot = slots[pages[page_index(address)].load()];
  slot.space.store(Space::freed, std::memory_order_release);
  unmap(page_down(slot.begin), page_up(slot.end) - page_down(slot.begin));
  used_[space == Space::device ? 0 : 1] -= slot.end - slot.begin;
}

void Memory::reset() {
  unmap(arena, next_ - arena);
  for (std::size_t page = 0; page < page_index(next_); page++) pages[page].store(0, std::memory_order_relaxed);
  next_ = arena;
  count_ = 0;
  used_[0] = used_[1] = 0;
}

std::vector<Memory::Live> Memory::live() const {
  std::vector<Live> all;
  for (std::uint32_t i = 1; i <= count_; i++) {
    const Space space = slots[i].space.load();
    if (space == Space::device || space == Space::pinned_host) all.push_back({slots[i].begin, slots[i].note});
  }
  return all;
}

Range lookup(std::uintptr_t address) {
  static constexpr Range kNothing = {Space::none, 0, 0, "a host address or a wild one"};
  if (address - arena >= kArena) return kNothing;
  const std::uint32_t index = pages[page_index(address)].load(std::memory_order_acquire);
  if (index == 0) return kNothing;
  const Slot& slot = slots[index];
  const bool inside = slot.begin <= address && address < slot.end;
  return {inside ? slot.space.load(std::memory_order_acquire) : Space::guard, slot.begin, slot.end, slot.note};
}

std::string misplaced(Space space, std::uintptr_t address, std::size_t bytes, const std::string& what) {
  const Range range = lookup(address);
  if (range.space == space && bytes <= range.end - address) return {};
  const std::string need = what + " needs " + std::to_string(bytes) + " bytes of " + name_of(space) + " at " + hex(address) + ": ";
  switch (range.space) {
    case Space::none: return need + range.note;
    case Space::freed: return need + "freed: " + range.note;
    case Space::guard: return need + "outside of " + range.note;
    default: return need + (range.space == space ? "beyond the end of " : "this is ") + range.note;
  }
}

}  // namespace softgpu
