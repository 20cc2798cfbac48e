// Memory: poison, bounds, capacity, release, leaks; pageable and pinned sources.
#include <cstring>

#include "api.h"

using namespace test;

namespace {

void poison(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(1 << 20);
  for (const std::uint32_t word : download<std::uint32_t>(memory, (1 << 20) / 4, s)) check(word == 0xFFC0FFC0u, "fresh memory is poison");
  check(memory % 256 == 0 && memory % 512 != 0, "addresses are aligned to 256 bytes and no more");
  ok(cuMemFree_v2(memory));
  refused(CUDA_ERROR_INVALID_VALUE, cuMemsetD8Async(memory, 0, 1, s), "freed");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemFree_v2(memory), "allocation");
  ok(cuStreamDestroy_v2(s));
}

void bounds(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(1000);
  std::vector<char> host(2000);
  ok(cuMemcpyHtoDAsync_v2(memory, host.data(), 1000, s));
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(memory, host.data(), 1001, s), "beyond the end");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(memory - 1, host.data(), 2, s), "outside");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoHAsync_v2(host.data(), memory + 999, 2, s), "beyond the end");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemsetD32Async(memory + 2, 0, 1, s), "misaligned");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemsetD32Async(memory, 0, 251, s), "beyond the end");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyDtoDAsync_v2(memory, memory + 10, 100, s), "overlap");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(reinterpret_cast<CUdeviceptr>(host.data()), host.data(), 1, s), "host address");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemAlloc_v2(nullptr, 1), "null");
  CUdeviceptr none = 0;
  refused(CUDA_ERROR_INVALID_VALUE, cuMemAlloc_v2(&none, 0), "0 bytes");
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
}

void capacity(std::uint64_t) {
  softgpu_set_memory(1 << 20);
  const CUdeviceptr half = allocate(1 << 19);
  CUdeviceptr more = 0;
  refused(CUDA_ERROR_OUT_OF_MEMORY, cuMemAlloc_v2(&more, (1 << 19) + 1), "in use");
  std::size_t free = 0, total = 0;
  ok(cuMemGetInfo_v2(&free, &total));
  check(free == 1 << 19 && total == 1 << 20, "half is free");
  more = allocate(1 << 19);
  ok(cuMemFree_v2(half));
  ok(cuMemFree_v2(more));
  check(softgpu_memory_used() == 0, "all is free");
}

void leaks(std::uint64_t) {
  allocate(12345);
  stream();
  ok(cuCtxSynchronize());
  const std::string alive = softgpu_leaks();
  check(alive.find("12345 bytes") != std::string::npos && alive.find("stream") != std::string::npos, "what is alive is listed");
  ok(cuDevicePrimaryCtxRelease_v2(0));
  const std::string left = softgpu_leaks();
  check(left.find("12345 bytes") != std::string::npos && left.find("stream") != std::string::npos, "what the context left is listed");
  CUdeviceptr none = 0;
  refused(CUDA_ERROR_CONTEXT_IS_DESTROYED, cuMemAlloc_v2(&none, 1), "has ended");
  Handle context = 0;
  ok(cuDevicePrimaryCtxRetain(&context, 0));
  ok(cuCtxSetCurrent(context));
  expect_dirty_end();
}

// A pageable source may change as soon as the call has returned; a pinned one is read when the copy runs.
void sources(std::uint64_t) {
  const Handle s = stream();
  const CUdeviceptr memory = allocate(8);
  void* pinned = nullptr;
  ok(cuMemHostAlloc(&pinned, 4, 0));
  int seen_late = 0;
  for (int i = 1; i <= 40; i++) {
    int pageable = i;
    std::memcpy(pinned, &i, 4);
    ok(cuMemcpyHtoDAsync_v2(memory, &pageable, 4, s));
    ok(cuMemcpyHtoDAsync_v2(memory + 4, pinned, 4, s));
    pageable = -1;
    std::memset(pinned, 0xff, 4);
    const auto values = download<int>(memory, 2, s);
    check(values[0] == i, "a pageable source is taken at the call");
    seen_late += values[1] == -1;
  }
  check(seen_late > 0, "a pinned source is read late");
  refused(CUDA_ERROR_INVALID_VALUE, cuMemcpyHtoDAsync_v2(memory, pinned, 5, s), "beyond the end");
  ok(cuMemFreeHost(pinned));
  refused(CUDA_ERROR_INVALID_VALUE, cuMemFreeHost(pinned), "pinned memory");
  ok(cuMemFree_v2(memory));
  ok(cuStreamDestroy_v2(s));
}

const Declare cases_of_memory[] = {{"memory.poison", poison}, {"memory.bounds", bounds}, {"memory.capacity", capacity}, {"memory.leaks", leaks},
                                   {"memory.sources", sources}};

}  // namespace
