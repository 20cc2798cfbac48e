// What the lanes of a warp do together, matrices aside: barrier, shuffles, votes, reductions.
#include "warp.h"

#include <algorithm>

namespace softgpu::engine {

Collective& join(Thread& thread, unsigned mask, const Site& site) {
  Warp& warp = *thread.warp;
  for (Collective& c : warp.pending) {
    if (c.mask == mask && c.site == site) {
      return c;
    }
  }
  if ((mask >> thread.lane & 1) == 0) {
    fail(thread, 719, std::string(site.what) + " with a mask of " + hex(mask) + ", which does not name its own lane " + std::to_string(thread.lane), {nullptr, &site});
  }
  if ((mask & ~warp.alive) != 0) {
    fail(thread, 719, std::string(site.what) + " with a mask of " + hex(mask) + ", but only the lanes " + hex(warp.alive) + " of the warp are alive", {nullptr, &site});
  }
  for (const Collective& c : warp.pending) {
    // Each waits for the other. Masks that merely overlap are right: the lanes may meet there later.
    if ((c.mask >> thread.lane & 1) != 0 && (c.arrived & mask) != 0) {
      const Thread& other = *warp.threads[std::countr_zero(c.arrived & mask)];
      fail(thread, 719,
           std::string(site.what) + " with a mask of " + hex(mask) + ", but " + describe(other) + " waits at " + describe(c.site) + " with a mask of " +
               hex(c.mask) + ": lanes of one mask must be in the same call",
           {nullptr, &site});
    }
  }
  warp.pending.push_back({mask, 0, site});
  return warp.pending.back();
}

void finish(Warp& warp, Collective& collective) {
  collective = warp.pending.back();
  warp.pending.pop_back();
}

namespace {

constexpr const char* shuffle_names[] = {"__shfl_sync", "__shfl_up_sync", "__shfl_down_sync", "__shfl_xor_sync"};

// The lane that `lane` reads, as the PTX manual gives it for shfl; its own one where the source would lie outside of its segment.
unsigned shuffle_source(int kind, unsigned lane, int amount, int width) {
  int segment = static_cast<int>(lane) & ~(width - 1);
  int own = static_cast<int>(lane);
  int source = own;
  switch (kind) {
    case 0:
      return static_cast<unsigned>(segment | (amount & (width - 1)));
    case 1:
      source = own - amount;
      return static_cast<unsigned>(source < segment ? own : source);
    case 2:
      source = own + amount;
      return static_cast<unsigned>(source >= segment + width ? own : source);
    default:
      source = own ^ amount;
      return static_cast<unsigned>(source >= segment + width ? own : source);
  }
}

}  // namespace

}  // namespace softgpu::engine

using namespace softgpu::engine;

#define SOFTGPU_ENTRY extern "C" [[gnu::visibility("default")]]

SOFTGPU_ENTRY void softgpu_warp_barrier(unsigned mask, const char* file, int line) {
  Thread& thread = current();
  meet(thread, mask, {"__syncwarp", file, line}, [&](Warp& warp, unsigned lanes) {
    std::uint64_t now = thread.worker->checker.pass_warp_barrier();
    for_each_lane(lanes, [&](unsigned lane) { warp.threads[lane]->warp_synced = now; });
  });
}

SOFTGPU_ENTRY unsigned long long softgpu_shuffle(unsigned mask, unsigned long long value, int kind_and_width, int amount, const char* file, int line) {
  Thread& thread = current();
  Warp& warp = *thread.warp;
  int kind = kind_and_width >> 8;
  int width = kind_and_width & 0xff;
  Site site{shuffle_names[kind], file, line};
  if (width < 1 || width > 32 || (width & (width - 1)) != 0) {
    fail(thread, 719, std::string(site.what) + " with a width of " + std::to_string(width) + "; it must be 1, 2, 4, 8, 16 or 32", {nullptr, &site});
  }
  warp.operand[0][thread.lane] = static_cast<std::uint32_t>(value);
  warp.operand[1][thread.lane] = static_cast<std::uint32_t>(value >> 32);
  warp.operand[2][thread.lane] = shuffle_source(kind, thread.lane, amount, width);
  meet(thread, mask, site, [&](Warp& w, unsigned lanes) {
    for_each_lane(lanes, [&](unsigned lane) {
      unsigned source = w.operand[2][lane];
      if (source >= warp_lanes || (lanes >> source & 1) == 0) {
        fail(*w.threads[lane], 719, std::string(site.what) + " reads lane " + std::to_string(source) + ", which the mask " + hex(lanes) + " does not name",
             {nullptr, &site});
      }
      w.threads[lane]->result[0] = static_cast<std::uint64_t>(w.operand[1][source]) << 32 | w.operand[0][source];
    });
  });
  return thread.result[0];
}

SOFTGPU_ENTRY unsigned softgpu_vote(unsigned mask, int predicate, const char* file, int line) {
  Thread& thread = current();
  thread.warp->operand[0][thread.lane] = static_cast<std::uint32_t>(predicate);
  meet(thread, mask, {"a vote", file, line}, [](Warp& w, unsigned lanes) {
    unsigned ballot = 0;
    for_each_lane(lanes, [&](unsigned lane) { ballot |= w.operand[0][lane] << lane; });
    for_each_lane(lanes, [&](unsigned lane) { w.threads[lane]->result[0] = ballot; });
  });
  return static_cast<unsigned>(thread.result[0]);
}

SOFTGPU_ENTRY unsigned softgpu_reduce(unsigned mask, unsigned value, int operation, const char* file, int line) {
  Thread& thread = current();
  thread.warp->operand[0][thread.lane] = value;
  meet(thread, mask, {"a warp reduction", file, line}, [&](Warp& w, unsigned lanes) {
    std::uint32_t all = operation == 2 ? ~0u : 0;
    for_each_lane(lanes, [&](unsigned lane) {
      std::uint32_t x = w.operand[0][lane];
      all = operation == 0 ? all + x : operation == 1 ? std::max(all, x) : std::min(all, x);
    });
    for_each_lane(lanes, [&](unsigned lane) { w.threads[lane]->result[0] = all; });
  });
  return static_cast<unsigned>(thread.result[0]);
}
