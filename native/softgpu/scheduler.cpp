#include "scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <unordered_set>

namespace softgpu {
namespace {

constexpr std::size_t kLongestQueue = 1024;

class Worker {
 public:
  Worker() {
    // Signals of the process (a JVM's, say) are not for this thread.
    sigset_t all, old;
    sigfillset(&all);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&all, fault);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    std::thread([this] { serve(); }).detach();
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
  }

  void run(const std::function<void()>& body) {
    std::unique_lock lock(mutex_);
    body_ = &body;
    changed_.notify_all();
    changed_.wait(lock, [this] { return body_ == nullptr; });
  }

 private:
  [[noreturn]] void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return body_ != nullptr; });
      (*body_)();
      body_ = nullptr;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* body_ = nullptr;
};

// Everything unfinished that `target` waits for, and itself.
std::unordered_set<const Operation*> closure(const OperationRef& target) {
  std::unordered_set<const Operation*> found;
  std::vector<OperationRef> open = {target};
  while (!open.empty()) {
    const OperationRef operation = open.back();
    open.pop_back();
    if (operation->done || !found.insert(operation.get()).second) continue;
    open.insert(open.end(), operation->needs.begin(), operation->needs.end());
  }
  return found;
}

}  // namespace

void on_device_thread(const std::function<void()>& body) {
  static Worker* const worker = new Worker();  // never destroyed: it may still wait when the process ends
  worker->run(body);
}

void Scheduler::reseed(Random& random) {
  drop_all();
  random_ = Random(random.next());
  shuffle_ = random_.next();
  finished_ = lanes_ = 0;
}

OperationRef Scheduler::add(std::uint64_t lane, std::function<std::optional<Fault>(std::uint64_t)> run, const std::vector<OperationRef>& needs) {
  const auto operation = std::make_shared<Operation>();
  operation->run = std::move(run);
  operation->lane = lane;
  for (const OperationRef& need : needs) {
    if (need == nullptr || need->done) continue;
    if (std::find(operation->needs.begin(), operation->needs.end(), need) != operation->needs.end()) continue;
    operation->needs.push_back(need);
    need->followers.push_back(operation);
    operation->waiting_for++;
  }
  if (operation->waiting_for == 0) ready_.push_back(operation);
  pending_++;
  return operation;
}

std::optional<Fault> Scheduler::finish(const OperationRef& target) {
  if (target == nullptr || target->done) return std::nullopt;
  std::optional<Fault> fault;
  on_device_thread([&] { fault = random_.one_in(2) ? run_until(target) : run_no_more_than(target); });
  return fault;
}

std::optional<Fault> Scheduler::run_until(const OperationRef& target) {
  while (!target->done) {
    if (auto fault = run_one(ready_)) return fault;
  }
  return std::nullopt;
}

std::optional<Fault> Scheduler::run_no_more_than(const OperationRef& target) {
  const auto needed = closure(target);
  while (!target->done) {
    std::vector<OperationRef> candidates;
    for (const OperationRef& operation : ready_) {
      if (needed.contains(operation.get())) candidates.push_back(operation);
    }
    if (auto fault = run_one(candidates)) return fault;
  }
  return std::nullopt;
}

std::optional<Fault> Scheduler::finish_all() { return progress(pending_); }

std::optional<Fault> Scheduler::progress(std::uint64_t count) {
  std::optional<Fault> fault;
  if (count == 0 || ready_.empty()) return fault;
  on_device_thread([&] {
    for (std::uint64_t done = 0; done < count && !ready_.empty() && !fault; done++) fault = run_one(ready_);
  });
  return fault;
}

std::optional<Fault> Scheduler::perhaps_progress() {
  if (pending_ > kLongestQueue) return progress(pending_ / 2);
  return random_.one_in(4) ? progress(1 + random_.below(4)) : std::nullopt;
}

void Scheduler::drop_all() {
  // Marks go on as done, so that nobody waits for what will never run; followers are cut to free the chain without recursion.
  std::vector<OperationRef> open = std::move(ready_);
  ready_.clear();
  while (!open.empty()) {
    const OperationRef operation = open.back();
    open.pop_back();
    if (operation->done) continue;
    operation->done = true;
    operation->finished_at = finished_;
    operation->run = nullptr;
    operation->needs.clear();
    open.insert(open.end(), operation->followers.begin(), operation->followers.end());
    operation->followers.clear();
  }
  pending_ = 0;
}

// Lanes have priorities, not turns: a stream that is slow for long finds more missing dependencies than one that is slow now and then.
std::uint64_t Scheduler::priority(std::uint64_t lane) { return Random(shuffle_ ^ lane * 0xd1342543de82ef95u).next(); }

std::size_t Scheduler::choose(const std::vector<OperationRef>& candidates) {
  if (random_.one_in(16)) shuffle_ = random_.next();
  std::size_t best = random_.below(candidates.size());
  for (std::size_t i = 0; i < candidates.size(); i++) {
    if (candidates[i]->lane != candidates[best]->lane && priority(candidates[i]->lane) > priority(candidates[best]->lane)) best = i;
  }
  return best;
}

std::optional<Fault> Scheduler::run_one(const std::vector<OperationRef>& candidates) {
  if (candidates.empty()) return Fault{999, "softgpu: an operation waits for one that is not queued"};
  const OperationRef operation = candidates[choose(candidates)];
  ready_.erase(std::find(ready_.begin(), ready_.end(), operation));
  std::optional<Fault> fault;
  try {
    if (operation->run) fault = operation->run(random_.next());
  } catch (const Fault& thrown) {
    fault = thrown;
  } catch (const std::exception& thrown) {
    fault = Fault{999, thrown.what()};
  }
  complete(operation);
  if (fault) drop_all();
  return fault;
}

void Scheduler::complete(const OperationRef& operation) {
  operation->done = true;
  operation->finished_at = ++finished_;
  operation->run = nullptr;
  operation->needs.clear();
  pending_--;
  for (const OperationRef& follower : operation->followers) {
    if (--follower->waiting_for == 0) ready_.push_back(follower);
  }
  operation->followers.clear();
}

}  // namespace softgpu
