// What is known of memory while a block runs, and the questions asked at every access: is it there, is it aligned, was it written, does another
// thread touch it with nothing between that orders the two?
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "shadow.h"
#include "stamp.h"

namespace softgpu::engine {

struct Launch;
struct Thread;
struct Site;

enum class Access { read, write, atomic, copy_begins, copy_ends };

// Where in the source: an address in the program's code, or a call.
struct Where {
  const void* code = nullptr;
  const Site* site = nullptr;
};

// One per worker.
class Checker {
 public:
  void begin_launch(Launch& launch, unsigned char* shared_block);
  void begin_block(std::uint64_t index);

  // Time, see stamp.h.
  void pass_barrier() { barrier_time_ = ++time_; }
  std::uint64_t pass_warp_barrier() { return ++time_; }
  void fence(Thread& thread);
  // Around an atomic operation on global memory: what the thread wrote before its last fence is published before it,
  // and what others published is seen after it.
  void publish(Thread& thread);
  void acquire();
  // Notes that a thread just now changed global memory atomically, which was checked before.
  void stamp_atomic(Thread& thread, std::uintptr_t address, unsigned bytes);

  // Faults unless `bytes` bytes at this address may be accessed so. The thread's own stack is always allowed, and never asked about.
  void check(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where);
  // The same for what the compiler reports of a power of two of bytes.
  template <Access access, unsigned bytes>
  void check_simple(Thread& thread, std::uintptr_t address, const void* code);

  // One vector of `bytes` bytes in shared memory, aligned; a matrix row, or the end of a copy.
  void check_vector(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, const Site& site);
  // The beginning of a copy of up to 16 bytes.
  void check_global_source(Thread& thread, std::uintptr_t address, unsigned bytes, const Site& site);

  bool is_shared(std::uintptr_t address) const { return address - shared_base_ < shared_bytes_; }

 private:
  // The part of an allocation that lies in one page.
  struct Page {
    std::uintptr_t number = 0;
    unsigned begin = 0, end = 0;   // offsets in the page
    GlobalPage* stamps = nullptr;  // null: too much memory for stamps; races are not looked for
  };

  template <Access access>
  void check_shared(Thread& thread, std::uintptr_t offset, unsigned bytes, Where where);
  template <Access access>
  void check_global(Thread& thread, std::uintptr_t address, unsigned bytes, Where where);
  bool shared_write_is_ordered(const Thread& thread, Stamp written) const;
  bool shared_reads_are_ordered(const Thread& thread, Stamp read, Stamp mine) const;
  bool global_is_ordered(const Thread& thread, Stamp other) const;
  bool global_reads_are_ordered(const Thread& thread, Stamp read) const;
  Stamp merged_shared_read(const Thread& thread, Stamp read, Stamp mine) const;
  Stamp merged_global_read(const Thread& thread, Stamp read, Stamp mine) const;
  const Page& page_of(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where);
  std::uint64_t since_block(std::uint64_t time) const;

  [[noreturn]] void report_shared(Thread& thread, std::uintptr_t offset, unsigned bytes, Access access, Where where, unsigned cell) const;
  [[noreturn]] void report_race(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where, Stamp other, bool other_reads) const;
  [[noreturn]] void report_place(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where) const;

  static constexpr unsigned cached_pages = 512;

  Launch* launch_ = nullptr;
  std::uint64_t time_ = 1, block_time_ = 1, barrier_time_ = 1;
  Stamp block_stamp_ = 0;       // the block's bits of a stamp of global memory
  std::uint64_t acquired_ = 0;  // number of the block's last atomic operation on global memory
  std::uintptr_t shared_base_ = 0;
  std::size_t shared_bytes_ = 0;
  std::uintptr_t image_begin_ = 0, image_end_ = 0;  // the program's own constants
  std::uint64_t layout_of_ = 0;  // the program and the dynamic bytes that `variable_` describes
  std::size_t layout_dynamic_ = 0;
  std::vector<std::uint8_t> variable_;              // of every two bytes of shared memory: 1 + the variable's index, 0 for none
  std::vector<Stamp> shared_written_, shared_read_;
  Page pages_[cached_pages];
};

}  // namespace softgpu::engine
