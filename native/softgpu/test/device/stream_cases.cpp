// Streams and events: order only where it was asked for.
#include "api.h"

using namespace test;

namespace {

constexpr std::size_t kWords = 64;

// Writes 1 in one stream, copies in another: what the copy saw.
std::uint32_t hand_over(bool wait) {
  const Handle writer = stream(), reader = stream(), written = event();
  const CUdeviceptr from = allocate(kWords * 4), to = allocate(kWords * 4);
  ok(cuMemsetD32Async(from, 1, kWords, writer));
  ok(cuEventRecord(written, writer));
  if (wait) ok(cuStreamWaitEvent(reader, written, 0));
  ok(cuMemcpyDtoDAsync_v2(to, from, kWords * 4, reader));
  const auto seen = download<std::uint32_t>(to, kWords, reader);
  for (const Handle s : {writer, reader}) ok(cuStreamDestroy_v2(s));
  ok(cuEventDestroy_v2(written));
  ok(cuMemFree_v2(from));
  ok(cuMemFree_v2(to));
  return seen[kWords - 1];
}

void order(std::uint64_t) {
  for (int i = 0; i < 20; i++) check(hand_over(true) == 1, "a stream that waits for the event sees the write");
}

// On 20 seeds a missing wait must show at least once; the poison says that the write had not happened.
void missing_wait(std::uint64_t) {
  int caught = 0;
  for (int i = 0; i < 20; i++) caught += hand_over(false) == 0xFFC0FFC0u;
  check(caught > 0, "a missing wait is seen");
}

void legacy(std::uint64_t) {
  const Handle blocking = stream(CU_STREAM_DEFAULT), free_running = stream(CU_STREAM_NON_BLOCKING);
  const CUdeviceptr memory = allocate(8);
  int overtaken = 0;
  for (unsigned i = 1; i <= 40; i++) {
    ok(cuMemsetD32Async(memory, i, 1, blocking));
    ok(cuMemsetD32Async(memory + 4, i, 1, free_running));
    const auto seen = download<unsigned>(memory, 2, 0);
    check(seen[0] == i, "the legacy stream waits for a blocking stream");
    overtaken += seen[1] != i;
    ok(cuStreamSynchronize(free_running));
  }
  check(overtaken > 0, "the legacy stream does not wait for a non-blocking stream");
  ok(cuMemFree_v2(memory));
  for (const Handle s : {blocking, free_running}) ok(cuStreamDestroy_v2(s));
}

void queries(std::uint64_t) {
  const Handle s = stream(), e = event();
  const CUdeviceptr memory = allocate(4);
  ok(cuEventQuery(e));
  int not_ready = 0;
  for (unsigned i = 0; i < 40; i++) {
    ok(cuMemsetD32Async(memory, i, 1, s));
    ok(cuEventRecord(e, s));
    int code = 0;
    while ((code = cuEventQuery(e)) == CUDA_ERROR_NOT_READY) not_ready++;
    ok(code);
    ok(cuStreamQuery(s));
  }
  check(not_ready > 0, "work is late now and then");
  ok(cuMemFree_v2(memory));
  ok(cuEventDestroy_v2(e));
  ok(cuStreamDestroy_v2(s));
}

void events(std::uint64_t) {
  const Handle s = stream(), untimed = event(), start = event(CU_EVENT_DEFAULT), end = event(CU_EVENT_DEFAULT);
  const CUdeviceptr memory = allocate(4);
  float milliseconds = -1;
  refused(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime_v2(&milliseconds, start, end), "never recorded");
  ok(cuEventRecord(start, s));
  ok(cuMemsetD32Async(memory, 7, 1, s));
  ok(cuEventRecord(end, s));
  ok(cuEventRecord(untimed, s));
  ok(cuEventSynchronize(end));
  ok(cuEventElapsedTime_v2(&milliseconds, start, end));
  check(milliseconds > 0, "the end is later than the start");
  refused(CUDA_ERROR_INVALID_HANDLE, cuEventElapsedTime_v2(&milliseconds, untimed, end), "without timing");
  refused(CUDA_ERROR_INVALID_VALUE, cuEventCreate(nullptr, 0));
  for (const Handle e : {untimed, start, end}) ok(cuEventDestroy_v2(e));
  refused(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(end, s), "event");
  refused(CUDA_ERROR_INVALID_HANDLE, cuEventRecord(0, s), "null");
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
  refused(CUDA_ERROR_INVALID_HANDLE, cuStreamSynchronize(s), "stream");
}

const Declare cases_of_streams[] = {{"streams.order", order}, {"streams.missing_wait", missing_wait}, {"streams.legacy", legacy},
                                    {"streams.queries", queries}, {"streams.events", events}};

}  // namespace
