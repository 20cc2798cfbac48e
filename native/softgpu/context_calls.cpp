// Initialisation, the one device and its limits (those of compute capability 8.0), its primary context.
#include <cstdio>
#include <cstring>

#include "capture.h"
#include "device.h"
#include "chip_limits.h"
#include "device_memory.h"

namespace softgpu {
namespace {

constexpr const char* kName = "software CUDA device, for tests";

void check_device(CUdevice device) {
  if (device != 0) throw Refusal{CUDA_ERROR_INVALID_DEVICE, "there is one device, 0, not " + std::to_string(device)};
}

struct Attribute {
  int number, value;
};

// CU_DEVICE_ATTRIBUTE_...: the values of a chip of compute capability 8.0 with few multiprocessors, so that small grids already run in waves.
constexpr Attribute kAttributes[] = {
    {1, limits::kThreadsPerBlock},            // MAX_THREADS_PER_BLOCK
    {2, limits::kBlockX},                     // MAX_BLOCK_DIM_X
    {3, limits::kBlockY},                     // MAX_BLOCK_DIM_Y
    {4, limits::kBlockZ},                     // MAX_BLOCK_DIM_Z
    {5, limits::kGridX},                      // MAX_GRID_DIM_X
    {6, limits::kGridYZ},                     // MAX_GRID_DIM_Y
    {7, limits::kGridYZ},                     // MAX_GRID_DIM_Z
    {8, limits::kSharedPerBlock},             // MAX_SHARED_MEMORY_PER_BLOCK
    {9, 65536},                               // TOTAL_CONSTANT_MEMORY
    {10, 32},                                 // WARP_SIZE
    {12, limits::kRegisters},                 // MAX_REGISTERS_PER_BLOCK
    {13, 1000000},                            // CLOCK_RATE, kHz
    {16, limits::kMultiprocessors},           // MULTIPROCESSOR_COUNT
    {17, 0},                                  // KERNEL_EXEC_TIMEOUT
    {18, 0},                                  // INTEGRATED
    {19, 1},                                  // CAN_MAP_HOST_MEMORY
    {20, 0},                                  // COMPUTE_MODE
    {31, 1},                                  // CONCURRENT_KERNELS
    {32, 1},                                  // ECC_ENABLED
    {33, 0},                                  // PCI_BUS_ID
    {34, 0},                                  // PCI_DEVICE_ID
    {36, 1000000},                            // MEMORY_CLOCK_RATE, kHz
    {37, 64},                                 // GLOBAL_MEMORY_BUS_WIDTH
    {38, 1 << 20},                            // L2_CACHE_SIZE
    {39, limits::kThreadsPerMultiprocessor},  // MAX_THREADS_PER_MULTIPROCESSOR
    {40, 2},                                  // ASYNC_ENGINE_COUNT
    {41, 1},                                  // UNIFIED_ADDRESSING
    {50, 0},                                  // PCI_DOMAIN_ID
    {75, 8},                                  // COMPUTE_CAPABILITY_MAJOR
    {76, 0},                                  // COMPUTE_CAPABILITY_MINOR
    {78, 1},                                  // STREAM_PRIORITIES_SUPPORTED
    {81, limits::kSharedPerMultiprocessor},   // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
    {82, limits::kRegisters},                 // MAX_REGISTERS_PER_MULTIPROCESSOR
    {83, 0},                                  // MANAGED_MEMORY
    {88, 0},                                  // PAGEABLE_MEMORY_ACCESS
    {90, 1},                                  // COMPUTE_PREEMPTION_SUPPORTED
    {95, 0},                                  // COOPERATIVE_LAUNCH
    {97, limits::kSharedOptIn},               // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
    {106, limits::kBlocksPerMultiprocessor},  // MAX_BLOCKS_PER_MULTIPROCESSOR
    {108, 1 << 19},                           // MAX_PERSISTING_L2_CACHE_SIZE
    {111, limits::kReservedShared},           // RESERVED_SHARED_MEMORY_PER_BLOCK
    {115, 0},                                 // MEMORY_POOLS_SUPPORTED
    {120, 0},                                 // CLUSTER_LAUNCH
};

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuInit(unsigned flags) {
  return driver_call("cuInit", Needs::nothing, [&] {
    if (flags != 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "flags must be 0"};
    Device::get().initialised = true;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDriverGetVersion(int* version) {
  return driver_call("cuDriverGetVersion", Needs::nothing, [&] {
    *given(version, "driverVersion") = 13000;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDeviceGetCount(int* count) {
  return driver_call("cuDeviceGetCount", Needs::init, [&] {
    *given(count, "count") = 1;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  return driver_call("cuDeviceGet", Needs::init, [&] {
    check_device(ordinal);
    *given(device, "device") = 0;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  return driver_call("cuDeviceGetName", Needs::init, [&] {
    check_device(device);
    given(name, "name");
    if (length <= 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "no room for a name"};
    std::snprintf(name, static_cast<std::size_t>(length), "%s", kName);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDeviceGetAttribute(int* value, int attribute, CUdevice device) {
  return driver_call("cuDeviceGetAttribute", Needs::init, [&] {
    check_device(device);
    given(value, "pi");
    for (const Attribute& known : kAttributes) {
      if (known.number != attribute) continue;
      *value = known.value;
      return CUDA_SUCCESS;
    }
    throw Refusal{CUDA_ERROR_INVALID_VALUE, "the software device does not know attribute " + std::to_string(attribute)};
  });
}

SOFTGPU_EXPORT CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
  return driver_call("cuDeviceTotalMem_v2", Needs::init, [&] {
    check_device(device);
    *given(bytes, "bytes") = Memory::get().capacity();
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDevicePrimaryCtxRetain(Handle* context, CUdevice device) {
  return driver_call("cuDevicePrimaryCtxRetain", Needs::init, [&] {
    check_device(device);
    given(context, "pctx");
    Device& self = Device::get();
    if (self.retained++ == 0) self.create_context();
    *context = self.context;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return driver_call(
      "cuDevicePrimaryCtxRelease_v2", Needs::init,
      [&] {
        check_device(device);
        Device& self = Device::get();
        if (self.retained == 0) throw Refusal{CUDA_ERROR_INVALID_CONTEXT, "the primary context is not retained"};
        if (--self.retained == 0) self.destroy_context();
        return CUDA_SUCCESS;
      },
      Device::get().context);
}

SOFTGPU_EXPORT CUresult cuCtxSetCurrent(Handle context) {
  return driver_call("cuCtxSetCurrent", Needs::init, [&] {
    if (context != 0 && context != Device::get().context) throw Refusal{CUDA_ERROR_INVALID_CONTEXT, "not the live primary context"};
    current_context() = context;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuCtxGetCurrent(Handle* context) {
  return driver_call("cuCtxGetCurrent", Needs::init, [&] {
    *given(context, "pctx") = current_context();
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuCtxSynchronize() {
  return driver_call("cuCtxSynchronize", Needs::context, [] {
    Device& device = Device::get();
    for (const auto& stream : streams().all()) refuse_while_capturing(*stream, "synchronising the context");
    refuse_unsafe("synchronising the context");
    device.finish_all();
    return CUDA_SUCCESS;
  });
}
