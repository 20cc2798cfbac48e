#include "capture.h"

#include <algorithm>

namespace softgpu {
namespace {

[[noreturn]] void invalidate(Capture& capture, int code, const std::string& reason) {
  capture.invalid = true;
  throw Refusal{code, reason + "; the capture is invalid now"};
}

void refuse_invalid(const Capture& capture) {
  if (capture.invalid) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the stream's capture was invalidated before"};
}

}  // namespace

void refuse_while_capturing(Stream& stream, const char* what) {
  if (stream.capture == nullptr) return;
  invalidate(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(what) + " while a stream is capturing");
}

void refuse_unsafe(const char* what) {
  for (const auto& capture : Device::get().captures) {
    const bool own = capture->owner == std::this_thread::get_id();
    const bool forbids = capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL || (capture->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && own);
    if (forbids && !capture->invalid) {
      invalidate(*capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(what) + " is unsafe beside a capture of this mode");
    }
    if (forbids) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, std::string(what) + " is unsafe beside a capture of this mode"};
  }
}

void refuse_implicit(const Stream& stream) {
  if (stream.handle != 0) return;
  for (const auto& other : streams().all()) {
    if (!other->blocking || other->capture == nullptr) continue;
    invalidate(*other->capture, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "work in the legacy stream while a stream that waits for it is capturing");
  }
}

void capture_work(Stream& stream, WorkRef work) {
  refuse_invalid(*stream.capture);
  stream.tail = {stream.capture->graph->add(std::move(work), stream.tail)};
}

void capture_record(Stream& stream, Event& event) {
  refuse_invalid(*stream.capture);
  event.mark = nullptr;
  event.captured = true;
  event.capture = stream.capture;
  event.tail = stream.tail;
}

void capture_wait(Stream& stream, Event& event) {
  const std::shared_ptr<Capture> from = event.captured ? event.capture.lock() : nullptr;
  if (event.captured && from == nullptr) throw Refusal{CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capture that has ended"};
  if (stream.capture == nullptr) {
    if (stream.handle == 0) invalidate(*from, CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream cannot join a capture");
    refuse_invalid(*from);
    stream.capture = from;
    stream.tail = event.tail;
    return;
  }
  refuse_invalid(*stream.capture);
  if (!event.captured) {
    if (event.mark == nullptr) return;  // never recorded: nothing to wait for
    invalidate(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "a capturing stream waits for an event that was recorded outside of the capture");
  }
  if (from != stream.capture) {
    from->invalid = true;
    invalidate(*stream.capture, CUDA_ERROR_STREAM_CAPTURE_MERGE, "a capturing stream waits for an event of another capture");
  }
  stream.tail.insert(event.tail.begin(), event.tail.end());
}

namespace {

void check_end(const Stream& stream) {
  if (stream.capture == nullptr) throw Refusal{CUDA_ERROR_ILLEGAL_STATE, "the stream is not capturing"};
  const Capture& capture = *stream.capture;
  if (capture.origin != stream.handle) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream"};
  if (capture.mode != CU_STREAM_CAPTURE_MODE_RELAXED && capture.owner != std::this_thread::get_id()) {
    throw Refusal{CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, "the capture began in another thread"};
  }
}

// Whether every stream that was drawn in has been joined again. All streams leave the capture.
bool leave(const Capture& capture, const Stream& origin) {
  const auto joined = capture.graph->ancestry(origin.tail);
  bool all_joined = true;
  for (const auto& stream : streams().all()) {
    if (stream->capture.get() != &capture) continue;
    for (const GraphNode* node : stream->tail) all_joined &= joined.contains(node);
    stream->capture = nullptr;
    stream->tail.clear();
  }
  return all_joined;
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuStreamBeginCapture_v2(Handle stream_handle, int mode) {
  return driver_call("cuStreamBeginCapture_v2", Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (mode < CU_STREAM_CAPTURE_MODE_GLOBAL || mode > CU_STREAM_CAPTURE_MODE_RELAXED) throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown capture mode"};
    if (stream.handle == 0) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture"};
    if (stream.capture != nullptr) throw Refusal{CUDA_ERROR_ILLEGAL_STATE, "the stream is capturing already"};
    stream.capture = std::make_shared<Capture>();
    stream.capture->mode = mode;
    stream.capture->origin = stream.handle;
    stream.tail.clear();
    device.captures.insert(stream.capture);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuStreamEndCapture(Handle stream_handle, Handle* graph) {
  return driver_call("cuStreamEndCapture", Needs::context, [&] {
    *given(graph, "phGraph") = 0;
    Device& device = Device::get();
    const Stream& stream = device.stream(stream_handle);
    check_end(stream);
    const std::shared_ptr<Capture> capture = stream.capture;
    const bool joined = leave(*capture, stream);
    device.captures.erase(capture);
    if (capture->invalid) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "the capture was invalidated before it ended"};
    if (!joined) throw Refusal{CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "a stream that was drawn into the capture was not joined again"};
    *graph = graphs().add(capture->graph);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuStreamIsCapturing(Handle stream_handle, int* status) {
  return driver_call("cuStreamIsCapturing", Needs::context, [&] {
    const Stream& stream = Device::get().stream(stream_handle);
    refuse_implicit(stream);
    *given(status, "captureStatus") = stream.capture == nullptr   ? CU_STREAM_CAPTURE_STATUS_NONE
                                      : stream.capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                                                : CU_STREAM_CAPTURE_STATUS_ACTIVE;
    return CUDA_SUCCESS;
  });
}
