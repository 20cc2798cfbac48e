// How blocks of one launch may order their accesses: one thread writes, fences and does an atomic operation; a block that does an atomic
// operation later sees what was written ("the last block to finish adds the partial sums"). Kept as a list of fenced atomic operations.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace softgpu::engine {

struct Publication {
  std::uint64_t when;          // count of the launch's atomic operations
  unsigned thread;             // all that this thread did up to `own_time` is published,
  std::uint64_t own_time;      // (times count from the beginning of the block)
  std::uint64_t barrier_time;  // and all that its block did before this time
};

class Publications {
 public:
  std::uint64_t next() { return ++count_; }

  void add(unsigned block, const Publication& publication) {
    std::lock_guard lock(mutex_);
    of_block_[block].push_back(publication);
  }

  // Was an access published before the atomic operation number `acquired`?
  bool covers(unsigned block, unsigned thread, std::uint64_t time, std::uint64_t acquired) {
    if (acquired == 0) {
      return false;
    }
    std::lock_guard lock(mutex_);
    auto found = of_block_.find(block);
    if (found == of_block_.end()) {
      return false;
    }
    for (const Publication& p : found->second) {
      if (p.when < acquired && (time < p.barrier_time || (thread == p.thread && time <= p.own_time))) {
        return true;
      }
    }
    return false;
  }

 private:
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  std::unordered_map<unsigned, std::vector<Publication>> of_block_;
};

}  // namespace softgpu::engine
