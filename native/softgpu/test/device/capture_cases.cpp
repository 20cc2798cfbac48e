// The rules of capture.
#include <thread>

#include "api.h"

using namespace test;

namespace {

// Two streams, two events and memory, given back at the end.
struct Scene {
  Handle main = stream(), side = stream(), fork = event(), join = event();
  CUdeviceptr memory = allocate(64);

  void begin(int mode = CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) const { ok(cuStreamBeginCapture_v2(main, mode)); }

  void fork_side() const {
    ok(cuEventRecord(fork, main));
    ok(cuStreamWaitEvent(side, fork, 0));
  }

  // Ends a capture that went wrong.
  void end_invalid(int code = CUDA_ERROR_STREAM_CAPTURE_INVALIDATED) const {
    int status = 0;
    ok(cuStreamIsCapturing(main, &status));
    if (code == CUDA_ERROR_STREAM_CAPTURE_INVALIDATED) {
      check(status == CU_STREAM_CAPTURE_STATUS_INVALIDATED, "the capture is invalid");
      refused(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuMemsetD32Async(memory, 0, 1, main));
    }
    Handle graph = 1;
    refused(code, cuStreamEndCapture(main, &graph));
    check(graph == 0, "no graph comes of it");
    for (const Handle s : {main, side}) {
      ok(cuStreamIsCapturing(s, &status));
      check(status == CU_STREAM_CAPTURE_STATUS_NONE, "the stream has left the capture");
    }
  }

  ~Scene() {
    ok(cuMemFree_v2(memory));
    for (const Handle s : {main, side}) ok(cuStreamDestroy_v2(s));
    for (const Handle e : {fork, join}) ok(cuEventDestroy_v2(e));
  }
};

void fork_and_join(std::uint64_t) {
  const Scene scene;
  scene.begin();
  ok(cuMemsetD32Async(scene.memory, 1, 1, scene.main));
  scene.fork_side();
  ok(cuMemcpyDtoDAsync_v2(scene.memory + 4, scene.memory, 4, scene.side));
  ok(cuMemcpyDtoDAsync_v2(scene.memory + 8, scene.memory, 4, scene.main));
  ok(cuEventRecord(scene.join, scene.side));
  ok(cuStreamWaitEvent(scene.main, scene.join, 0));
  ok(cuMemsetD32Async(scene.memory, 2, 1, scene.main));
  Handle graph = 0, exec = 0;
  ok(cuStreamEndCapture(scene.main, &graph));
  ok(cuGraphInstantiateWithFlags(&exec, graph, 0));
  check(download<std::uint32_t>(scene.memory, 1, scene.main)[0] == 0xFFC0FFC0u, "nothing ran during the capture");
  for (int i = 0; i < 5; i++) {
    ok(cuGraphLaunch(exec, scene.main));
    check(download<std::uint32_t>(scene.memory, 3, scene.main) == std::vector<std::uint32_t>{2, 1, 1}, "the graph's order holds");
  }
  ok(cuGraphExecDestroy(exec));
  ok(cuGraphDestroy(graph));
}

void misuse(std::uint64_t) {
  const Scene scene;
  refused(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, cuStreamBeginCapture_v2(0, CU_STREAM_CAPTURE_MODE_RELAXED), "legacy");
  refused(CUDA_ERROR_INVALID_VALUE, cuStreamBeginCapture_v2(scene.main, 3));
  Handle graph = 0;
  refused(CUDA_ERROR_ILLEGAL_STATE, cuStreamEndCapture(scene.main, &graph), "not capturing");
  scene.begin();
  refused(CUDA_ERROR_ILLEGAL_STATE, cuStreamBeginCapture_v2(scene.main, CU_STREAM_CAPTURE_MODE_RELAXED), "already");
  scene.fork_side();
  refused(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, cuStreamEndCapture(scene.side, &graph), "another stream");
  int code = 0;
  std::thread([&] {
    Handle context = 0;
    cuDevicePrimaryCtxRetain(&context, 0);
    cuCtxSetCurrent(context);
    code = cuStreamEndCapture(scene.main, &graph);
    cuDevicePrimaryCtxRelease_v2(0);
  }).join();
  refused(CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD, code, "another thread");
  ok(cuMemsetD32Async(scene.memory, 1, 1, scene.side));
  scene.end_invalid(CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
}

// Each of these ends the capture's validity with its own code.
void invalidations(std::uint64_t) {
  const Scene scene;
  const Handle blocking = stream(CU_STREAM_DEFAULT), outside = event();
  std::vector<char> pageable(4);
  const auto breaks = [&](int code, const std::function<int()>& call) {
    scene.begin();
    refused(code, call(), "the capture is invalid now");
    scene.end_invalid();
  };
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuStreamSynchronize(scene.main); });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuStreamQuery(scene.main); });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuCtxSynchronize(); });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuMemcpyHtoDAsync_v2(scene.memory, pageable.data(), 4, scene.main); });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuMemcpyDtoHAsync_v2(pageable.data(), scene.memory, 4, scene.main); });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] {
    CUdeviceptr address = 0;
    return cuMemAlloc_v2(&address, 16);
  });
  breaks(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, [&] { return cuMemFree_v2(scene.memory); });
  ok(cuMemsetD32Async(scene.memory, 1, 1, scene.side));
  ok(cuEventRecord(outside, scene.side));
  breaks(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, [&] { return cuStreamWaitEvent(scene.main, outside, 0); });
  ok(cuStreamBeginCapture_v2(blocking, CU_STREAM_CAPTURE_MODE_RELAXED));
  refused(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, cuMemsetD32Async(scene.memory, 1, 1, 0), "legacy");
  Handle graph = 0;
  refused(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(blocking, &graph));
  scene.begin();
  ok(cuEventRecord(scene.fork, scene.main));
  refused(CUDA_ERROR_CAPTURED_EVENT, cuEventQuery(scene.fork));
  scene.end_invalid();
  refused(CUDA_ERROR_CAPTURED_EVENT, cuStreamWaitEvent(scene.side, scene.fork, 0), "has ended");
  ok(cuEventRecord(scene.fork, scene.main));
  ok(cuStreamWaitEvent(scene.side, scene.fork, 0));
  ok(cuEventSynchronize(scene.fork));
  ok(cuEventDestroy_v2(outside));
  ok(cuStreamDestroy_v2(blocking));
}

void merge(std::uint64_t) {
  const Scene scene;
  scene.begin(CU_STREAM_CAPTURE_MODE_RELAXED);
  ok(cuEventRecord(scene.fork, scene.main));
  ok(cuStreamBeginCapture_v2(scene.side, CU_STREAM_CAPTURE_MODE_RELAXED));
  refused(CUDA_ERROR_STREAM_CAPTURE_MERGE, cuStreamWaitEvent(scene.side, scene.fork, 0));
  Handle graph = 0;
  refused(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, cuStreamEndCapture(scene.side, &graph));
  scene.end_invalid();
}

// Which other calls a capture forbids to whom.
void modes(std::uint64_t) {
  const Scene scene;
  const auto allocate_in_other_thread = [] {
    int code = 0;
    std::thread([&] {
      Handle context = 0;
      cuDevicePrimaryCtxRetain(&context, 0);
      cuCtxSetCurrent(context);
      CUdeviceptr address = 0;
      code = cuMemAlloc_v2(&address, 16);
      if (code == 0) cuMemFree_v2(address);
      cuDevicePrimaryCtxRelease_v2(0);
    }).join();
    return code;
  };
  const auto end = [&] {
    Handle graph = 0;
    ok(cuStreamEndCapture(scene.main, &graph));
    ok(cuGraphDestroy(graph));
  };
  scene.begin(CU_STREAM_CAPTURE_MODE_RELAXED);
  ok(cuMemFree_v2(allocate(16)));
  ok(allocate_in_other_thread());
  end();
  scene.begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  ok(allocate_in_other_thread());
  end();
  scene.begin(CU_STREAM_CAPTURE_MODE_GLOBAL);
  refused(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, allocate_in_other_thread());
  scene.end_invalid();
}

const Declare cases_of_capture[] = {{"capture.fork_and_join", fork_and_join}, {"capture.misuse", misuse}, {"capture.invalidations", invalidations},
                                    {"capture.merge", merge}, {"capture.modes", modes}};

}  // namespace
