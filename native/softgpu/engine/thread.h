// What the engine keeps of a running grid: the launch, the worker that runs one block at a time, its warps and its threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../kernel_engine.h"
#include "../random.h"
#include "checker.h"
#include "fiber.h"
#include "publications.h"

namespace softgpu::engine {

struct Worker;

// A call in a kernel.
struct Site {
  const char* what = nullptr;
  const char* file = nullptr;
  int line = 0;
  bool operator==(const Site& o) const { return line == o.line && what == o.what && file == o.file; }
};

// A fault as it is found; the line of a code address is looked up when the grid has ended.
struct Finding {
  int code;
  std::string who, what;
  const void* address;  // in the program's code; null if `who` names the line already
};

// One grid on its way, shared by the workers.
struct Launch {
  Program& program;
  const KernelInfo& kernel;
  Dim3 grid, block;
  std::size_t dynamic_shared;
  const unsigned char* parameters;
  void (*entry)(const unsigned char*);
  std::uint64_t seed;
  unsigned threads;              // of a block
  std::uint64_t blocks;          // of the grid
  std::uint64_t serial;          // counts launches
  std::uint64_t stride, offset;  // the order of blocks: (i * stride + offset) mod blocks
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> failed{false};
  Publications publications;
  std::mutex mutex;
  std::optional<Finding> finding;  // the first one
};

struct PendingCopy {
  unsigned char* shared;
  const unsigned char* global;
  int bytes;
  unsigned group;
  Site site;
};

struct Warp;

// A thread of the running block. It lies at the upper end of its fibre's stack; the four indices come first (softgpu_device.h reads them).
struct Thread {
  unsigned index[12];
  Fiber fiber;
  Warp* warp;
  Worker* worker;
  unsigned lane, linear;
  std::uint64_t result[2];    // of a collective, for this lane
  std::uint64_t warp_synced;  // the time after its last __syncwarp
  std::uint64_t fence_time, fence_barrier;  // at its last __threadfence: the time, and the time of the barrier before
  bool fenced;
  Site waiting;               // where it stands while it waits
  unsigned group;             // cp.async groups committed
  std::vector<PendingCopy>* copies;
};
static_assert(sizeof(Thread) <= record_bytes);

inline Thread& current() { return *static_cast<Thread*>(record_of(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)))); }

// Lanes of a warp that wait for one another in one call.
struct Collective {
  unsigned mask = 0;  // 0: none
  unsigned arrived = 0;
  Site site;
};

constexpr unsigned warp_lanes = 32;
constexpr unsigned max_block_threads = 1024;

struct Warp {
  unsigned number;
  unsigned alive;    // lanes that have not ended
  unsigned ready;    // lanes that can run
  unsigned barrier;  // lanes that wait at the block's barrier
  Thread* threads[warp_lanes];
  std::vector<Collective> pending;  // masks may overlap, the lanes that arrived do not
  // What the lanes brought: registers by lanes, so that a matrix instruction reads rows.
  alignas(64) std::uint32_t operand[10][warp_lanes];
};

struct Barrier {
  unsigned arrived = 0;
  int true_count = 0;
  int result = 0;  // of the last one: threads whose predicate held, and whether all did
  bool all = false;
  Site site;
  const Thread* first = nullptr;
};

// One thread of the operating system, with the block that it runs.
struct Worker {
  Fiber main{};
  Launch* launch = nullptr;
  std::uint64_t block = 0;  // its index in the grid
  unsigned alive = 0;
  unsigned ready_warps = 0;
  Warp warps[warp_lanes];
  Barrier barrier;
  Random random;
  Checker checker;
  Stacks stacks{max_block_threads};
  std::vector<PendingCopy> copies[max_block_threads];

  void run_block(std::uint64_t index);
};

// Ends the launch with a fault, from a fibre.
[[noreturn]] void fail(Thread& thread, int code, const std::string& what, Where where);

// The next thread to run: mostly of the same warp, its lanes in any order. Faults when all wait.
Thread& choose(Worker& worker, Warp* near);

// Lets other threads of the block run; returns when this one is ready again.
[[gnu::always_inline]] inline void suspend(Thread& thread) {
  Thread& next = choose(*thread.worker, thread.warp);
  if (&next != &thread) {
    switch_fiber(thread.fiber, next.fiber);
  }
}

// Makes lanes able to run.
void wake(Worker& worker, Warp& warp, unsigned lanes);

// Called at the end of a thread: completes barriers that waited for it only.
void leave_barrier(Worker& worker);

std::string describe(const Thread& thread);
std::string describe(const Site& site);
std::string hex(std::uint64_t value);  // 0x...

}  // namespace softgpu::engine
