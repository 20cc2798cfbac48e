// Runs the threads of one block in a random order, and the block's barriers.
#include <bit>

#include "thread.h"

namespace softgpu::engine {

namespace {

[[noreturn]] void report_deadlock(Worker& worker);

}  // namespace

Thread& choose(Worker& worker, Warp* near) {
  constexpr unsigned patience = 16;  // turns, on average, before another warp gets one
  std::uint64_t dice = worker.random.next();
  if (near == nullptr || near->ready == 0 || (dice >> 32) % patience == 0) {
    if (worker.ready_warps == 0) {
      report_deadlock(worker);
    }
    unsigned turn = static_cast<unsigned>(dice >> 16) % warp_lanes;
    unsigned number = (turn + std::countr_zero(std::rotr(worker.ready_warps, static_cast<int>(turn)))) % warp_lanes;
    near = &worker.warps[number];
  }
  unsigned turn = static_cast<unsigned>(dice) % warp_lanes;
  unsigned lane = (turn + std::countr_zero(std::rotr(near->ready, static_cast<int>(turn)))) % warp_lanes;
  near->ready &= ~(1u << lane);
  if (near->ready == 0) {
    worker.ready_warps &= ~(1u << near->number);
  }
  return *near->threads[lane];
}

namespace {

void run_thread() {
  after_switch();
  Thread& thread = current();
  Worker& worker = *thread.worker;
  worker.launch->entry(worker.launch->parameters);
  Warp& warp = *thread.warp;
  warp.alive &= ~(1u << thread.lane);
  for (const Collective& c : warp.pending) {
    if (c.mask >> thread.lane & 1) {
      fail(thread, 719, "ends, but the mask of " + describe(c.site) + " names it: the other lanes wait for ever", {});
    }
  }
  worker.alive--;
  leave_barrier(worker);
  switch_fiber(thread.fiber, worker.alive == 0 ? worker.main : choose(worker, &warp).fiber);
}

void release_barrier(Worker& worker) {
  Barrier& barrier = worker.barrier;
  barrier.result = barrier.true_count;
  barrier.all = barrier.true_count == static_cast<int>(barrier.arrived);
  barrier.true_count = 0;
  barrier.arrived = 0;
  worker.checker.pass_barrier();
  for (unsigned w = 0; w * warp_lanes < worker.launch->threads; w++) {
    unsigned waiting = worker.warps[w].barrier;
    if (waiting != 0) {
      worker.warps[w].barrier = 0;
      wake(worker, worker.warps[w], waiting);
    }
  }
}

Dim3 position(std::uint64_t linear, Dim3 extent) {
  return {static_cast<unsigned>(linear % extent.x), static_cast<unsigned>(linear / extent.x % extent.y),
          static_cast<unsigned>(linear / extent.x / extent.y)};
}

void start(Worker& worker, unsigned linear, Dim3 block) {
  Launch& launch = *worker.launch;
  Warp& warp = worker.warps[linear / warp_lanes];
  auto& thread = *static_cast<Thread*>(worker.stacks.record(linear));
  Dim3 index = position(linear, launch.block);
  const unsigned all[12] = {index.x,        index.y,        index.z,        block.x,       block.y,       block.z,
                            launch.block.x, launch.block.y, launch.block.z, launch.grid.x, launch.grid.y, launch.grid.z};
  std::copy(all, all + 12, thread.index);
  thread.warp = &warp;
  thread.worker = &worker;
  thread.lane = linear % warp_lanes;
  thread.linear = linear;
  thread.warp_synced = 0;
  thread.waiting = {};
  thread.fenced = false;
  thread.group = 0;
  thread.copies = &worker.copies[linear];
  thread.copies->clear();
  warp.threads[thread.lane] = &thread;
  prepare(thread.fiber, &thread, run_thread);
}

// Names one thread that waits at the block's barrier and one that waits for other lanes, as far as there are such.
void report_deadlock(Worker& worker) {
  Thread* at_barrier = worker.barrier.arrived == 0 ? nullptr : const_cast<Thread*>(worker.barrier.first);
  for (unsigned w = 0; w * warp_lanes < worker.launch->threads; w++) {
    for (const Collective& c : worker.warps[w].pending) {
      unsigned missing = c.mask & ~c.arrived;
      Thread& waiting = *worker.warps[w].threads[std::countr_zero(c.arrived)];
      Thread& other = *worker.warps[w].threads[std::countr_zero(missing)];
      std::string where = other.waiting.line == 0 ? " never comes" : " waits at " + describe(other.waiting);
      fail(waiting, 719, "waits for ever in " + describe(c.site) + ": " + describe(other) + ", whom the mask names," + where, {nullptr, &c.site});
    }
  }
  Thread& any = at_barrier != nullptr ? *at_barrier : *worker.warps[0].threads[0];
  fail(any, 719, "deadlock: the block's threads wait for one another", {nullptr, at_barrier != nullptr ? &worker.barrier.site : nullptr});
}

}  // namespace

void wake(Worker& worker, Warp& warp, unsigned lanes) {
  warp.ready |= lanes;
  if (warp.ready != 0) {
    worker.ready_warps |= 1u << warp.number;
  }
}

void leave_barrier(Worker& worker) {
  if (worker.barrier.arrived != 0 && worker.barrier.arrived == worker.alive) {
    release_barrier(worker);
  }
}

void Worker::run_block(std::uint64_t index) {
  block = index;
  alive = launch->threads;
  ready_warps = 0;
  barrier = {};
  random = Random(launch->seed * 0x9e3779b97f4a7c15u + index);
  checker.begin_block(index);
  Dim3 place = position(index, launch->grid);
  for (unsigned w = 0; w * warp_lanes < launch->threads; w++) {
    unsigned lanes = launch->threads - w * warp_lanes;
    warps[w].number = w;
    warps[w].alive = lanes >= warp_lanes ? ~0u : (1u << lanes) - 1;
    warps[w].ready = 0;
    warps[w].barrier = 0;
    warps[w].pending.clear();
    wake(*this, warps[w], warps[w].alive);
  }
  for (unsigned t = 0; t < launch->threads; t++) {
    start(*this, t, place);
  }
  switch_fiber(main, choose(*this, nullptr).fiber);
}

}  // namespace softgpu::engine

using namespace softgpu::engine;

extern "C" [[gnu::visibility("default")]] int softgpu_barrier(int predicate, int reduction, const char* file, int line) {
  static constexpr const char* names[] = {"__syncthreads", "__syncthreads_count", "__syncthreads_or", "__syncthreads_and"};
  Thread& thread = current();
  Worker& worker = *thread.worker;
  Barrier& barrier = worker.barrier;
  Site site{names[reduction], file, line};
  if (barrier.arrived == 0) {
    barrier.site = site;
    barrier.first = &thread;
  } else if (!(barrier.site == site)) {
    fail(thread, 719, "divergent barrier: it came to " + describe(site) + ", but " + describe(*barrier.first) + " waits at " + describe(barrier.site),
         {nullptr, &site});
  }
  barrier.arrived++;
  barrier.true_count += predicate;
  thread.warp->barrier |= 1u << thread.lane;
  if (barrier.arrived == worker.alive) {
    release_barrier(worker);
  }
  thread.waiting = site;
  suspend(thread);
  thread.waiting = {};
  switch (reduction) {
    case 1:
      return barrier.result;
    case 2:
      return barrier.result != 0;
    case 3:
      return barrier.all;
    default:
      return 0;
  }
}
