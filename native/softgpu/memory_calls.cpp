// Allocations.
#include <algorithm>

#include "capture.h"
#include "device.h"
#include "device_memory.h"

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
  return driver_call("cuMemAlloc_v2", Needs::context, [&] {
    given(address, "dptr");
    if (bytes == 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes"};
    refuse_unsafe("an allocation");
    *address = Memory::get().allocate(Space::device, bytes, Device::get().random);
    return CUDA_SUCCESS;
  });
}

// Waits for everything that is queued, as the real one may.
SOFTGPU_EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  return driver_call(
      "cuMemFree_v2", Needs::context,
      [&] {
        if (address == 0) return CUDA_SUCCESS;
        refuse_unsafe("freeing memory");
        Device::get().finish_all();
        Memory::get().release(Space::device, address);
        return CUDA_SUCCESS;
      },
      address);
}

SOFTGPU_EXPORT CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return driver_call("cuMemGetInfo_v2", Needs::context, [&] {
    const Memory& memory = Memory::get();
    *given(total, "total") = memory.capacity();
    *given(free, "free") = memory.capacity() - std::min(memory.capacity(), memory.used(Space::device));
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuMemHostAlloc(void** address, std::size_t bytes, unsigned flags) {
  return driver_call("cuMemHostAlloc", Needs::context, [&] {
    constexpr unsigned kPortable = 1, kDeviceMap = 2, kWriteCombined = 4;
    given(address, "pp");
    if (bytes == 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "an allocation of 0 bytes"};
    if ((flags & ~(kPortable | kDeviceMap | kWriteCombined)) != 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown flags"};
    refuse_unsafe("an allocation");
    *address = reinterpret_cast<void*>(Memory::get().allocate(Space::pinned_host, bytes, Device::get().random));
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuMemFreeHost(void* address) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return driver_call(
      "cuMemFreeHost", Needs::context,
      [&] {
        refuse_unsafe("freeing memory");
        Device::get().finish_all();
        Memory::get().release(Space::pinned_host, number);
        return CUDA_SUCCESS;
      },
      number);
}
