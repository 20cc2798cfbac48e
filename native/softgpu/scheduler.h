// What the device has still to do: operations and what each waits for. Nothing runs before something asks for it (a synchronisation, a query, or
// chance), and then in any order that the dependencies allow, chosen by the seed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel_engine.h"
#include "random.h"

namespace softgpu {

// One piece of work in a queue.
struct Operation {
  std::function<std::optional<Fault>(std::uint64_t seed)> run;  // empty for a mere mark
  std::uint64_t lane = 0;                                       // the stream it came from; operations of one lane share a priority
  int waiting_for = 0;
  bool done = false;
  std::uint64_t finished_at = 0;  // count of operations that had finished; the device's only clock
  std::vector<std::shared_ptr<Operation>> needs;
  std::vector<std::shared_ptr<Operation>> followers;
};

using OperationRef = std::shared_ptr<Operation>;

class Scheduler {
 public:
  void reseed(Random& random);

  // A lane that no operation had since the last reseed.
  std::uint64_t new_lane() { return ++lanes_; }

  // Adds an operation that runs after all of `needs` (null and finished ones are ignored).
  OperationRef add(std::uint64_t lane, std::function<std::optional<Fault>(std::uint64_t)> run, const std::vector<OperationRef>& needs);

  // Runs until `target` is done. Sometimes it runs no more than that takes, sometimes whatever chance picks.
  // The fault of the first operation that failed, after which everything queued is dropped.
  std::optional<Fault> finish(const OperationRef& target);
  std::optional<Fault> finish_all();

  // Runs up to `count` operations, whichever chance picks.
  std::optional<Fault> progress(std::uint64_t count);

  // Now and then runs something although nobody asked; and does when the queue is as long as a real one may be.
  std::optional<Fault> perhaps_progress();

  std::size_t pending() const { return pending_; }
  void drop_all();

 private:
  // These run on the device's own thread.
  std::optional<Fault> run_until(const OperationRef& target);
  std::optional<Fault> run_no_more_than(const OperationRef& target);
  std::optional<Fault> run_one(const std::vector<OperationRef>& candidates);
  std::size_t choose(const std::vector<OperationRef>& candidates);
  std::uint64_t priority(std::uint64_t lane);
  void complete(const OperationRef& operation);

  Random random_;
  std::uint64_t shuffle_ = 0;  // renewed now and then: priorities of lanes follow from it
  std::uint64_t finished_ = 0;
  std::uint64_t lanes_ = 0;
  std::size_t pending_ = 0;
  std::vector<OperationRef> ready_;
};

// Runs `body` on the device's own thread and waits for it: kernels switch stacks, which a thread of the caller's may not survive.
void on_device_thread(const std::function<void()>& body);

}  // namespace softgpu
