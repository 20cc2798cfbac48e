// Events.
#include "capture.h"
#include "device.h"

namespace softgpu {
namespace {

void refuse_captured(const Event& event) {
  if (!event.captured) return;
  if (const auto capture = event.capture.lock()) capture->invalid = true;
  throw Refusal{CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capturing stream"};
}

// When the event happened, by the device's clock, which counts operations.
std::uint64_t time_of(const Event& event) {
  if (!event.timed) throw Refusal{CUDA_ERROR_INVALID_HANDLE, "the event was made without timing"};
  refuse_captured(event);
  if (event.mark == nullptr) throw Refusal{CUDA_ERROR_INVALID_HANDLE, "the event was never recorded"};
  if (!event.mark->done) throw Refusal{CUDA_ERROR_NOT_READY, "the event has not happened yet"};
  return event.mark->finished_at;
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuEventCreate(Handle* handle, unsigned flags) {
  return driver_call("cuEventCreate", Needs::context, [&] {
    given(handle, "phEvent");
    if ((flags & ~unsigned{CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING}) != 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown flags"};
    const auto event = std::make_shared<Event>();
    event->timed = (flags & CU_EVENT_DISABLE_TIMING) == 0;
    *handle = events().add(event);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuEventDestroy_v2(Handle handle) {
  return driver_call(
      "cuEventDestroy_v2", Needs::context,
      [&] {
        events().take(handle);
        return CUDA_SUCCESS;
      },
      handle);
}

SOFTGPU_EXPORT CUresult cuEventRecord(Handle handle, Handle stream_handle) {
  return driver_call("cuEventRecord", Needs::context, [&] {
    Device& device = Device::get();
    const auto event = events().get(handle);
    Stream& stream = device.stream(stream_handle);
    refuse_implicit(stream);
    if (stream.capture != nullptr) {
      capture_record(stream, *event);
      return CUDA_SUCCESS;
    }
    event->captured = false;
    event->tail.clear();
    event->mark = device.enqueue(stream, nullptr);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuEventQuery(Handle handle) {
  return driver_call("cuEventQuery", Needs::context, [&]() -> CUresult {
    Device& device = Device::get();
    const auto event = events().get(handle);
    refuse_captured(*event);
    refuse_unsafe("querying an event");
    if (event->mark == nullptr || event->mark->done) return CUDA_SUCCESS;
    device.settle(device.scheduler.progress(1 + device.random.below(4)));
    return event->mark->done ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}

SOFTGPU_EXPORT CUresult cuEventSynchronize(Handle handle) {
  return driver_call("cuEventSynchronize", Needs::context, [&] {
    Device& device = Device::get();
    const auto event = events().get(handle);
    refuse_captured(*event);
    refuse_unsafe("waiting for an event");
    device.settle(device.scheduler.finish(event->mark));
    return CUDA_SUCCESS;
  });
}

// No time is measured: a thousandth of a millisecond for every operation between the two.
SOFTGPU_EXPORT CUresult cuEventElapsedTime_v2(float* milliseconds, Handle start, Handle end) {
  return driver_call("cuEventElapsedTime_v2", Needs::context, [&] {
    given(milliseconds, "pMilliseconds");
    const auto from = time_of(*events().get(start));
    const auto to = time_of(*events().get(end));
    *milliseconds = 1e-3f * (static_cast<float>(to) - static_cast<float>(from));
    return CUDA_SUCCESS;
  });
}
