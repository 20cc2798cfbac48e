// Runs a grid: its blocks, in a random order, on a few threads of the operating system that live as long as the process.
#include <condition_variable>
#include <cstring>
#include <memory>
#include <numeric>
#include <thread>

#include "program.h"
#include "thread.h"

namespace softgpu::engine {

namespace {

constexpr unsigned worker_count = 2;
constexpr int poison = 0xff;  // as a float and as a bf16: NaN

void poison_shared(const Launch& launch, unsigned char* block) {
  for (const SharedVariable& v : launch.program.shared()) {
    std::memset(block + v.offset, poison, v.dynamic ? launch.dynamic_shared : v.bytes);
  }
}

void run_blocks(Worker& worker, Launch& launch) {
  worker.launch = &launch;
  unsigned char* shared = launch.program.shared_block();
  worker.checker.begin_launch(launch, shared);
  for (;;) {
    std::uint64_t turn = launch.next.fetch_add(1);
    if (turn >= launch.blocks || launch.failed) {
      return;
    }
    poison_shared(launch, shared);
    worker.run_block((turn * launch.stride + launch.offset) % launch.blocks);
  }
}

// Never destroyed: its threads would have to end before the process may.
class Pool {
 public:
  Pool() {
    for (unsigned i = 0; i < worker_count; i++) {
      std::thread([this, i] { work(i); }).detach();
    }
  }

  void run(Launch& launch) {
    std::lock_guard one_grid_at_a_time(running_);
    GlobalShadow::get().begin_launch();
    std::unique_lock lock(mutex_);
    launch_ = &launch;
    wanted_ = launch.blocks < worker_count ? 1 : worker_count;
    busy_ = wanted_;
    turn_++;
    begin_.notify_all();
    end_.wait(lock, [this] { return busy_ == 0; });
  }

 private:
  void work(unsigned number) {
    auto worker = std::make_unique<Worker>();
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
      begin_.wait(lock, [&] { return turn_ != seen; });
      seen = turn_;
      if (number >= wanted_) {
        continue;
      }
      Launch& launch = *launch_;
      lock.unlock();
      run_blocks(*worker, launch);
      lock.lock();
      if (--busy_ == 0) {
        end_.notify_one();
      }
    }
  }

  std::mutex running_, mutex_;
  std::condition_variable begin_, end_;
  Launch* launch_ = nullptr;
  unsigned wanted_ = 0, busy_ = 0;
  std::uint64_t turn_ = 0;
};

std::string in_parentheses(unsigned x, unsigned y, unsigned z) {
  return "(" + std::to_string(x) + "," + std::to_string(y) + "," + std::to_string(z) + ")";
}

}  // namespace

std::string describe(const Thread& thread) { return "thread " + in_parentheses(thread.index[0], thread.index[1], thread.index[2]); }

std::string describe(const Site& site) { return std::string(site.what) + " at " + site.file + ":" + std::to_string(site.line); }

void fail(Thread& thread, int code, const std::string& what, Where where) {
  Launch& launch = *thread.worker->launch;
  {
    std::string who = "kernel " + launch.kernel.name + ", block " + in_parentheses(thread.index[3], thread.index[4], thread.index[5]) + ", " +
                      describe(thread);
    if (where.site != nullptr) {
      who += ", " + std::string(where.site->file) + ":" + std::to_string(where.site->line);
    }
    std::lock_guard lock(launch.mutex);
    if (!launch.finding) {
      launch.finding = Finding{code, std::move(who), what, where.code};
    }
    launch.failed = true;
  }
  switch_fiber(thread.fiber, thread.worker->main);
  __builtin_unreachable();
}

}  // namespace softgpu::engine

namespace softgpu {

using namespace engine;

std::optional<Fault> run(Program& program, const KernelInfo& kernel, Dim3 grid, Dim3 block, std::size_t dynamic_shared, const void* packed_params,
                         std::uint64_t seed) {
  static Pool& pool = *new Pool;
  static std::atomic<std::uint64_t> serial{0};
  Random random(seed);
  std::uint64_t blocks = std::uint64_t{grid.x} * grid.y * grid.z;
  std::uint64_t stride = random.below(blocks) + 1;
  while (std::gcd(stride, blocks) != 1) {
    stride++;
  }
  Launch launch{program,
                kernel,
                grid,
                block,
                dynamic_shared,
                static_cast<const unsigned char*>(packed_params),
                static_cast<const LoadedKernel&>(kernel).entry,
                seed,
                block.x * block.y * block.z,
                blocks,
                ++serial,
                stride,
                random.below(blocks),
                {},
                {},
                {},
                {},
                {}};
  if (launch.threads == 0 || launch.threads > max_block_threads || blocks == 0) {
    return Fault{1, "kernel " + kernel.name + ": a grid of " + std::to_string(blocks) + " blocks of " + std::to_string(launch.threads) + " threads"};
  }
  if (dynamic_shared > dynamic_capacity) {
    return Fault{1, "kernel " + kernel.name + ": " + std::to_string(dynamic_shared) + " bytes of dynamic shared memory"};
  }
  pool.run(launch);
  if (!launch.finding) {
    return std::nullopt;
  }
  const Finding& found = *launch.finding;
  std::string line = found.address == nullptr ? "" : ", " + program.line_of(found.address);
  return Fault{found.code, found.who + line + ": " + found.what};
}

}  // namespace softgpu
