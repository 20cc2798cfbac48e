#include "checker.h"

#include <algorithm>

#include "program.h"
#include "thread.h"

namespace softgpu::engine {

namespace {

constexpr std::uint64_t longest_time = (1u << 24) - 1;

bool same_warp(const Thread& thread, Stamp other) { return thread.linear / warp_lanes == thread_of(other) / warp_lanes; }

constexpr bool writes(Access access) { return access != Access::read; }

}  // namespace

void Checker::begin_launch(Launch& launch, unsigned char* shared_block) {
  launch_ = &launch;
  shared_base_ = reinterpret_cast<std::uintptr_t>(shared_block);
  shared_bytes_ = launch.program.shared_bytes();
  image_begin_ = launch.program.image_begin();
  image_end_ = launch.program.image_end();
  std::fill(std::begin(pages_), std::end(pages_), Page{});
  if (layout_of_ == launch.program.id() && layout_dynamic_ == launch.dynamic_shared) {
    return;  // laid out as before
  }
  layout_of_ = launch.program.id();
  layout_dynamic_ = launch.dynamic_shared;
  std::size_t cells = shared_bytes_ / 2 + 16;  // an access may begin at the last byte
  variable_.assign(cells, 0);
  if (shared_written_.size() < cells) {
    shared_written_.resize(cells);
    shared_read_.resize(cells);
  }
  std::uint8_t number = 0;
  for (const SharedVariable& v : launch.program.shared()) {
    number = number == 255 ? 1 : static_cast<std::uint8_t>(number + 1);
    std::size_t bytes = v.dynamic ? launch.dynamic_shared : v.bytes;
    std::fill_n(variable_.begin() + static_cast<std::ptrdiff_t>(v.offset / 2), (bytes + 1) / 2, number);
  }
}

void Checker::begin_block(std::uint64_t index) {
  block_time_ = barrier_time_ = ++time_;
  block_stamp_ = index << place_shift & block_bits;
  acquired_ = 0;
}

std::uint64_t Checker::since_block(std::uint64_t time) const { return time < block_time_ ? 0 : std::min(time - block_time_, longest_time); }

void Checker::fence(Thread& thread) {
  thread.fenced = true;
  thread.fence_time = since_block(time_++);
  thread.fence_barrier = since_block(barrier_time_);
}

void Checker::publish(Thread& thread) {
  if (thread.fenced) {
    launch_->publications.add(block_of(block_stamp_), {launch_->publications.next(), thread.linear, thread.fence_time, thread.fence_barrier});
  }
}

void Checker::acquire() { acquired_ = launch_->publications.next(); }

// Shared memory

bool Checker::shared_write_is_ordered(const Thread& thread, Stamp written) const {
  std::uint64_t time = written >> place_shift;
  return time < barrier_time_ || thread_of(written) == thread.linear || (same_warp(thread, written) && time < thread.warp_synced);
}

bool Checker::shared_reads_are_ordered(const Thread& thread, Stamp read, Stamp mine) const {
  std::uint64_t time = read >> place_shift;
  if (time < barrier_time_ || (read & mine & byte_mask) == 0) {
    return true;
  }
  if ((read & many_warps) != 0) {
    return false;
  }
  return ((read & many) == 0 && thread_of(read) == thread.linear) || (same_warp(thread, read) && time < thread.warp_synced);
}

Stamp Checker::merged_shared_read(const Thread& thread, Stamp read, Stamp mine) const {
  if (shared_reads_are_ordered(thread, read, read)) {
    return mine | ((read >> place_shift) < barrier_time_ ? 0 : read & byte_mask);
  }
  return mine | (read & (many | byte_mask)) | many_threads | (same_warp(thread, read) ? 0 : many_warps);
}

template <Access access>
void Checker::check_shared(Thread& thread, std::uintptr_t offset, unsigned bytes, Where where) {
  Cells cells = cells_of(offset, bytes);
  unsigned last = cells.first + cells.count - 1;
  if (variable_[cells.first] == 0 || variable_[cells.first] != variable_[last]) {
    report_shared(thread, offset, bytes, access, where, cells.first);
  }
  Stamp mine = time_ << place_shift | static_cast<Stamp>(thread.linear) << thread_shift | cells.mask;
  for (unsigned i = cells.first; i <= last; i++) {
    Stamp written = shared_written_[i];
    Stamp& read = shared_read_[i];
    if constexpr (access != Access::copy_ends) {
      bool known = (written >> place_shift) >= block_time_;
      bool bad = known ? (written & in_flight) != 0 : access == Access::read || access == Access::atomic;
      bool both_atomic = access == Access::atomic && (written & by_atomic) != 0;
      bad |= !both_atomic && (written & mine & byte_mask) != 0 && !shared_write_is_ordered(thread, written);
      if constexpr (writes(access)) {
        bad |= !shared_reads_are_ordered(thread, read, mine);
      }
      if (bad) [[unlikely]] {
        report_shared(thread, offset, bytes, access, where, i);
      }
    }
    if constexpr (writes(access)) {
      shared_written_[i] = mine | (access == Access::atomic ? by_atomic : access == Access::copy_begins ? in_flight : 0);
    } else if ((read & many_warps) == 0 || (read >> place_shift) < barrier_time_) {
      read = merged_shared_read(thread, read, mine);
    }
  }
}

// Global memory

bool Checker::global_is_ordered(const Thread& thread, Stamp other) const {
  if (other == 0) {
    return true;
  }
  std::uint64_t time = other >> global_time_shift;
  if (((other ^ block_stamp_) & block_bits) != 0) {
    return launch_->publications.covers(block_of(other), thread_of(other), time, acquired_);
  }
  return thread_of(other) == thread.linear || time < since_block(barrier_time_) || (same_warp(thread, other) && time < since_block(thread.warp_synced));
}

bool Checker::global_reads_are_ordered(const Thread& thread, Stamp read) const {
  if ((read & many_blocks) != 0) {
    return acquired_ != 0;  // which blocks is not known any more; a block that synchronised gets the benefit of the doubt
  }
  if ((read & many) == 0 || ((read ^ block_stamp_) & block_bits) != 0) {
    return global_is_ordered(thread, read);
  }
  std::uint64_t time = read >> global_time_shift;
  return time < since_block(barrier_time_) || ((read & many_warps) == 0 && same_warp(thread, read) && time < since_block(thread.warp_synced));
}

Stamp Checker::merged_global_read(const Thread& thread, Stamp read, Stamp mine) const {
  if (((read ^ mine) & block_bits) != 0) {
    return read | many_blocks | (mine & byte_mask);
  }
  if (global_reads_are_ordered(thread, read)) {
    return mine | (read & byte_mask);
  }
  return mine | (read & (many | byte_mask)) | many_threads | (same_warp(thread, read) ? 0 : many_warps);
}

const Checker::Page& Checker::page_of(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where) {
  std::uintptr_t number = address / GlobalPage::bytes;
  Page& page = pages_[number % cached_pages];
  unsigned offset = static_cast<unsigned>(address % GlobalPage::bytes);
  if (page.number == number && offset >= page.begin && offset + bytes <= page.end) [[likely]] {
    return page;
  }
  Range range = lookup(address);
  if (range.space != Space::device || range.end - address < bytes) {
    report_place(thread, address, bytes, access, where);
  }
  std::uintptr_t begin = number * GlobalPage::bytes;
  page.stamps = GlobalShadow::get().page(number);
  page.number = number;
  page.begin = static_cast<unsigned>(std::max(range.begin, begin) - begin);
  page.end = static_cast<unsigned>(std::min(range.end - begin, GlobalPage::bytes));
  return page;
}

template <Access access>
void Checker::check_global(Thread& thread, std::uintptr_t address, unsigned bytes, Where where) {
  if (address - image_begin_ < image_end_ - image_begin_) {
    return;  // a table of constants
  }
  const Page& page = page_of(thread, address, bytes, access, where);
  if (page.stamps == nullptr) {
    return;
  }
  constexpr Stamp identity = thread_bits | block_bits;
  Cells cells = cells_of(address % GlobalPage::bytes, bytes);
  Stamp mine = since_block(time_) << global_time_shift | block_stamp_ | static_cast<Stamp>(thread.linear) << thread_shift | cells.mask;
  for (unsigned i = cells.first; i < cells.first + cells.count; i++) {
    Stamp written = page.stamps->written[i];
    Stamp read = page.stamps->read[i];
    bool both_atomic = access == Access::atomic && (written & by_atomic) != 0;
    if (written != 0 && ((written ^ mine) & identity) != 0 && !both_atomic && (written & mine & byte_mask) != 0 && !global_is_ordered(thread, written))
        [[unlikely]] {
      report_race(thread, address, bytes, access, where, written, false);
    }
    if constexpr (writes(access)) {
      if (read != 0 && ((read ^ mine) & (identity | many)) != 0 && (read & mine & byte_mask) != 0 && !global_reads_are_ordered(thread, read)) [[unlikely]] {
        report_race(thread, address, bytes, access, where, read, true);
      }
      page.stamps->written[i] = mine | (access == Access::atomic ? by_atomic : 0);
    } else if (read == 0 || ((read ^ mine) & (identity | many)) == 0) {
      page.stamps->read[i] = mine | (read & byte_mask);
    } else if ((read & many_blocks) == 0) {
      page.stamps->read[i] = merged_global_read(thread, read, mine);
    }
  }
}

void Checker::stamp_atomic(Thread& thread, std::uintptr_t address, unsigned bytes) {
  GlobalPage* stamps = page_of(thread, address, bytes, Access::atomic, {nullptr, nullptr}).stamps;
  if (stamps == nullptr) {
    return;
  }
  Cells cells = cells_of(address % GlobalPage::bytes, bytes);
  Stamp mine = since_block(time_) << global_time_shift | block_stamp_ | static_cast<Stamp>(thread.linear) << thread_shift | cells.mask | by_atomic;
  std::fill_n(stamps->written + cells.first, cells.count, mine);
}

// Entries

template <Access access, unsigned bytes>
void Checker::check_simple(Thread& thread, std::uintptr_t address, const void* code) {
  if (bytes > 1 && address % bytes != 0) [[unlikely]] {
    report_place(thread, address, bytes, access, {code, nullptr});
  }
  if (is_shared(address)) {
    check_shared<access>(thread, address - shared_base_, bytes, {code, nullptr});
  } else {
    check_global<access>(thread, address, bytes, {code, nullptr});
  }
}

void Checker::check(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, Where where) {
  while (bytes > 0) {
    unsigned part = std::min(bytes, static_cast<unsigned>(GlobalPage::bytes - address % GlobalPage::bytes));
    bool shared = is_shared(address);
    std::uintptr_t at = shared ? address - shared_base_ : address;
    switch (access) {
      case Access::read:
        shared ? check_shared<Access::read>(thread, at, part, where) : check_global<Access::read>(thread, at, part, where);
        break;
      case Access::write:
        shared ? check_shared<Access::write>(thread, at, part, where) : check_global<Access::write>(thread, at, part, where);
        break;
      case Access::atomic:
        shared ? check_shared<Access::atomic>(thread, at, part, where) : check_global<Access::atomic>(thread, at, part, where);
        break;
      case Access::copy_begins:
        check_shared<Access::copy_begins>(thread, at, part, where);
        break;
      case Access::copy_ends:
        check_shared<Access::copy_ends>(thread, at, part, where);
        break;
    }
    address += part;
    bytes -= part;
  }
}

void Checker::check_vector(Thread& thread, std::uintptr_t address, unsigned bytes, Access access, const Site& site) {
  if (!is_shared(address) || address % bytes != 0) {
    report_place(thread, address, bytes, access, {nullptr, &site});
  }
  check(thread, address, bytes, access, {nullptr, &site});
}

void Checker::check_global_source(Thread& thread, std::uintptr_t address, unsigned bytes, const Site& site) {
  constexpr unsigned vector = 16;
  if (is_shared(address) || address % vector != 0) {
    report_place(thread, address, vector, Access::read, {nullptr, &site});
  }
  check(thread, address, bytes, Access::read, {nullptr, &site});
}

#define SOFTGPU_CHECKS(bytes)                                                                                  \
  template void Checker::check_simple<Access::read, bytes>(Thread&, std::uintptr_t, const void*);              \
  template void Checker::check_simple<Access::write, bytes>(Thread&, std::uintptr_t, const void*);
SOFTGPU_CHECKS(1)
SOFTGPU_CHECKS(2)
SOFTGPU_CHECKS(4)
SOFTGPU_CHECKS(8)
SOFTGPU_CHECKS(16)

}  // namespace softgpu::engine
