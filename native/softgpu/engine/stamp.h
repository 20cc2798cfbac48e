// Who touched a piece of memory last, and when: one word for the last write and one for the last reads of every two bytes.
//
// Time is a count that a worker raises at every barrier, so "before the last barrier" is a comparison. A stamp holds, from the lowest bit: which
// of the two bytes (2), flags (4), the thread in its block (10), and then
//   shared memory: the worker's time (48); a block never sees the stamps of the one before it, since their times are older than its beginning;
//   global memory: the block (24) and the time since the block began (24); 0 is "not touched in this launch".
#pragma once

#include <cstdint>

namespace softgpu::engine {

using Stamp = std::uint64_t;

constexpr Stamp byte_mask = 3;
constexpr Stamp by_atomic = 1 << 2;     // of writes
constexpr Stamp in_flight = 1 << 3;     // of writes: a cp.async that nobody has waited for
constexpr Stamp many_blocks = 1 << 3;   // of reads: not one thread but several, of several ...
constexpr Stamp many_threads = 1 << 4;
constexpr Stamp many_warps = 1 << 5;
constexpr Stamp many = many_blocks | many_threads | many_warps;
constexpr int thread_shift = 6;
constexpr int place_shift = 16;  // of the time in shared memory, of the block in global memory
constexpr int global_time_shift = 40;
constexpr Stamp thread_bits = Stamp{0x3ff} << thread_shift;
constexpr Stamp block_bits = Stamp{0xffffff} << place_shift;

inline unsigned thread_of(Stamp s) { return static_cast<unsigned>(s >> thread_shift & 0x3ff); }
inline unsigned block_of(Stamp s) { return static_cast<unsigned>(s >> place_shift & 0xffffff); }

// The cells that `bytes` bytes at an offset touch, and which bytes of them; two bytes to a cell.
struct Cells {
  unsigned first, count;
  Stamp mask;
};

inline Cells cells_of(std::uintptr_t offset, unsigned bytes) {
  if (bytes == 1) {
    return {static_cast<unsigned>(offset / 2), 1, Stamp{1} << (offset & 1)};
  }
  return {static_cast<unsigned>(offset / 2), static_cast<unsigned>((offset + bytes - 1) / 2 - offset / 2 + 1), byte_mask};
}

}  // namespace softgpu::engine
