#include "device.h"

#include <cinttypes>
#include <cstdio>

#include "capture.h"
#include "device_memory.h"

namespace softgpu {

Device& Device::get() {
  static Device* const device = new Device();
  return *device;
}

Table<Stream>& streams() {
  static auto* const table = new Table<Stream>("stream", AnyTable::Owner::context);
  return *table;
}

Table<Event>& events() {
  static auto* const table = new Table<Event>("event", AnyTable::Owner::context);
  return *table;
}

Handle& current_context() {
  static thread_local Handle current = 0;
  return current;
}

void Device::reset(std::uint64_t new_seed) {
  scheduler.drop_all();
  captures.clear();
  for (AnyTable* table : AnyTable::tables()) table->clear();
  Memory::get().reset();
  seed = new_seed;
  random = Random(seed);
  scheduler.reseed(random);
  initialised = false;
  context = 0;
  retained = 0;
  sticky.reset();
  past_leaks.clear();
  legacy = Stream();
}

void Device::create_context() {
  context = next_handle();
  legacy = Stream();
  sticky.reset();
}

void Device::destroy_context() {
  if (!sticky) {
    // What is still queued runs, as on a chip; a fault that only now comes to light stays in the report.
    if (auto fault = scheduler.finish_all()) past_leaks += "fault while the context ended: " + fault->text + "\n";
  }
  scheduler.drop_all();
  captures.clear();
  if (!sticky) past_leaks += describe_live_objects(false);  // after a fault nothing could be released
  for (AnyTable* table : AnyTable::tables()) {
    if (table->owner != AnyTable::Owner::process) table->clear();
  }
  for (const Memory::Live& live : Memory::get().live()) {
    const Space space = lookup(live.address).space;
    Memory::get().release(space, live.address);
  }
  context = 0;
  sticky.reset();
}

Stream& Device::stream(Handle handle) {
  constexpr Handle kLegacy = 1, kPerThread = 2;
  if (handle == 0 || handle == kLegacy) return legacy;
  if (handle == kPerThread) throw Refusal{CUDA_ERROR_NOT_SUPPORTED, "the software device has no per-thread default stream"};
  return *streams().get(handle);
}

void Device::submit(Stream& stream, WorkRef work) {
  refuse_implicit(stream);
  if (stream.capture != nullptr) {
    capture_work(stream, std::move(work));
    return;
  }
  enqueue(stream, [work](std::uint64_t seed) { return work->run(seed); });
  settle(scheduler.perhaps_progress());
}

OperationRef Device::enqueue(Stream& stream, std::function<std::optional<Fault>(std::uint64_t)> run, std::vector<OperationRef> also) {
  for (const OperationRef& need : implicit_needs(stream)) also.push_back(need);
  also.push_back(stream.last);
  stream.last = scheduler.add(stream.lane, std::move(run), also);
  return stream.last;
}

// The legacy stream waits for all blocking streams, and they for it.
std::vector<OperationRef> Device::implicit_needs(const Stream& stream) {
  if (stream.handle != 0) return stream.blocking ? std::vector{legacy.last} : std::vector<OperationRef>{};
  std::vector<OperationRef> needs;
  for (const auto& other : streams().all()) {
    if (other->blocking) needs.push_back(other->last);
  }
  return needs;
}

void Device::settle(std::optional<Fault> fault) {
  if (!fault) return;
  sticky = std::move(fault);
  throw Refusal{sticky->code, sticky->text};
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%" PRIx64, value);
  return text;
}

}  // namespace softgpu
