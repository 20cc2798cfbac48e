// Streams.
#include "capture.h"
#include "device.h"

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuStreamCreate(Handle* handle, unsigned flags) {
  return driver_call("cuStreamCreate", Needs::context, [&] {
    given(handle, "phStream");
    if (flags > CU_STREAM_NON_BLOCKING) throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown flags"};
    const auto stream = std::make_shared<Stream>();
    stream->blocking = flags == CU_STREAM_DEFAULT;
    stream->lane = Device::get().scheduler.new_lane();
    *handle = stream->handle = streams().add(stream);
    return CUDA_SUCCESS;
  });
}

// What is queued still runs.
SOFTGPU_EXPORT CUresult cuStreamDestroy_v2(Handle handle) {
  return driver_call(
      "cuStreamDestroy_v2", Needs::context,
      [&] {
        const auto stream = streams().get(handle);
        refuse_while_capturing(*stream, "destroying a stream");
        streams().take(handle);
        return CUDA_SUCCESS;
      },
      handle);
}

SOFTGPU_EXPORT CUresult cuStreamSynchronize(Handle handle) {
  return driver_call("cuStreamSynchronize", Needs::context, [&] {
    Stream& stream = Device::get().stream(handle);
    refuse_implicit(stream);
    refuse_while_capturing(stream, "synchronising a stream");
    refuse_unsafe("synchronising a stream");
    Device::get().finish(stream);
    return CUDA_SUCCESS;
  });
}

// Each question lets some work happen, so a loop that asks comes to an end.
SOFTGPU_EXPORT CUresult cuStreamQuery(Handle handle) {
  return driver_call("cuStreamQuery", Needs::context, [&]() -> CUresult {
    Device& device = Device::get();
    Stream& stream = device.stream(handle);
    refuse_implicit(stream);
    refuse_while_capturing(stream, "querying a stream");
    refuse_unsafe("querying a stream");
    if (stream.last == nullptr || stream.last->done) return CUDA_SUCCESS;
    device.settle(device.scheduler.progress(1 + device.random.below(4)));
    return stream.last->done ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
  });
}

SOFTGPU_EXPORT CUresult cuStreamWaitEvent(Handle handle, Handle event_handle, unsigned flags) {
  return driver_call("cuStreamWaitEvent", Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(handle);
    const auto event = events().get(event_handle);
    if (flags != 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown flags"};
    if (stream.capture != nullptr || event->captured) {
      capture_wait(stream, *event);
    } else {
      refuse_implicit(stream);
      device.enqueue(stream, nullptr, {event->mark});
    }
    return CUDA_SUCCESS;
  });
}
