// Modules, functions and their attributes.
#include "module.h"

#include <algorithm>

#include "capture.h"
#include "chip_limits.h"

namespace softgpu {

Table<Module>& modules() {
  static auto* const table = new Table<Module>("module", AnyTable::Owner::context);
  return *table;
}

Table<Function>& functions() {
  static auto* const table = new Table<Function>("function", AnyTable::Owner::parent);
  return *table;
}

namespace {

// The size of an image is nowhere in the interface: a cubin states it in its header, and so does our image, a shared object (64-bit ELF).
std::size_t image_size(const void* image) {
  const auto* bytes = static_cast<const unsigned char*>(image);
  if (!std::equal(bytes, bytes + 4, "\177ELF")) throw Refusal{CUDA_ERROR_INVALID_IMAGE, "the image is not one that this device's compiler made"};
  const auto number = [&](std::size_t at, int width) {
    std::uint64_t value = 0;
    for (int i = width - 1; i >= 0; i--) value = value << 8 | bytes[at + static_cast<std::size_t>(i)];
    return value;
  };
  constexpr std::size_t kSectionTable = 40, kSectionSize = 58, kSectionCount = 60;
  return number(kSectionTable, 8) + number(kSectionSize, 2) * number(kSectionCount, 2);
}

int binary_attribute(const Function& function, int attribute) {
  const KernelInfo& info = *function.info;
  switch (attribute) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: return std::min(info.max_threads, threads_for(info.registers));
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(info.static_shared);
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: return 0;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return 0;
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return info.registers;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return 80;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return function.dynamic_shared;
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return function.carveout;
    default: throw Refusal{CUDA_ERROR_INVALID_VALUE, "unknown attribute " + std::to_string(attribute)};
  }
}

}  // namespace

// Registers are given to warps in steps of 256.
int threads_for(int registers) {
  const int per_warp = (registers * 32 + 255) / 256 * 256;
  return std::min(limits::kThreadsPerBlock, limits::kRegisters / per_warp * 32);
}

}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuModuleLoadData(Handle* handle, const void* image) {
  return driver_call("cuModuleLoadData", Needs::context, [&] {
    *given(handle, "module") = 0;
    given(image, "image");
    refuse_unsafe("loading a module");
    const auto module = std::make_shared<Module>();
    try {
      module->program = load(image, image_size(image));
    } catch (const Fault& fault) {
      throw Refusal{fault.code, fault.text};
    }
    *handle = modules().add(module);
    return CUDA_SUCCESS;
  });
}

// Its functions go with it; launches that are queued still run.
SOFTGPU_EXPORT CUresult cuModuleUnload(Handle handle) {
  return driver_call(
      "cuModuleUnload", Needs::context,
      [&] {
        const auto module = modules().get(handle);
        refuse_unsafe("unloading a module");
        Device::get().finish_all();
        for (const auto& [name, function] : module->functions) functions().take(function);
        modules().take(handle);
        return CUDA_SUCCESS;
      },
      handle);
}

SOFTGPU_EXPORT CUresult cuModuleGetFunction(Handle* handle, Handle module_handle, const char* name) {
  return driver_call("cuModuleGetFunction", Needs::context, [&] {
    const auto module = modules().get(module_handle);
    *given(handle, "hfunc") = 0;
    given(name, "name");
    Handle& known = module->functions[name];
    if (known == 0) {
      const KernelInfo* info = find(*module->program, name);
      if (info == nullptr) {
        module->functions.erase(name);
        throw Refusal{CUDA_ERROR_NOT_FOUND, std::string("the module has no kernel ") + name};
      }
      const auto function = std::make_shared<Function>();
      function->program = module->program;
      function->info = info;
      function->dynamic_shared = std::max(0, limits::kSharedPerBlock - static_cast<int>(info->static_shared));
      known = functions().add(function);
    }
    *handle = known;
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuFuncGetAttribute(int* value, int attribute, Handle handle) {
  return driver_call("cuFuncGetAttribute", Needs::context, [&] {
    *given(value, "pi") = binary_attribute(*functions().get(handle), attribute);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuFuncSetAttribute(Handle handle, int attribute, int value) {
  return driver_call("cuFuncSetAttribute", Needs::context, [&] {
    const auto function = functions().get(handle);
    if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
      const int most = limits::kSharedOptIn - static_cast<int>(function->info->static_shared);
      if (value < 0 || value > most) {
        throw Refusal{CUDA_ERROR_INVALID_VALUE, function->info->name + " can have at most " + std::to_string(most) + " bytes of dynamic shared memory, " +
                                                    std::to_string(value) + " asked for"};
      }
      function->dynamic_shared = value;
    } else if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
      if (value < -1 || value > 100) throw Refusal{CUDA_ERROR_INVALID_VALUE, "a carveout is a percentage, or -1"};
      function->carveout = value;
    } else {
      throw Refusal{CUDA_ERROR_INVALID_VALUE, "attribute " + std::to_string(attribute) + " cannot be set"};
    }
    return CUDA_SUCCESS;
  });
}

// Returns an invalid value for an index past the last parameter, which is how a caller counts them.
SOFTGPU_EXPORT CUresult cuFuncGetParamInfo(Handle handle, std::size_t index, std::size_t* offset, std::size_t* size) {
  return driver_call("cuFuncGetParamInfo", Needs::context, [&] {
    const KernelInfo& info = *functions().get(handle)->info;
    given(offset, "paramOffset");
    if (index >= info.param_sizes.size()) {
      throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + " has " + std::to_string(info.param_sizes.size()) + " parameters"};
    }
    *offset = info.param_offsets[index];
    if (size != nullptr) *size = info.param_sizes[index];
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, Handle handle, int threads, std::size_t dynamic_shared) {
  return driver_call("cuOccupancyMaxActiveBlocksPerMultiprocessor", Needs::context, [&] {
    given(blocks, "numBlocks");
    const auto function = functions().get(handle);
    if (threads <= 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "a block of " + std::to_string(threads) + " threads"};
    const int warps = (threads + 31) / 32;
    const int registers = (function->info->registers * 32 + 255) / 256 * 256 * warps;
    const std::size_t shared = function->info->static_shared + dynamic_shared + limits::kReservedShared;
    const bool fits = threads <= binary_attribute(*function, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK) &&
                      dynamic_shared <= static_cast<std::size_t>(function->dynamic_shared);
    *blocks = !fits ? 0
                    : static_cast<int>(std::min<std::size_t>({static_cast<std::size_t>(limits::kBlocksPerMultiprocessor),
                                                              static_cast<std::size_t>(limits::kThreadsPerMultiprocessor / (warps * 32)),
                                                              static_cast<std::size_t>(limits::kRegisters / registers),
                                                              limits::kSharedPerMultiprocessor / shared}));
    return CUDA_SUCCESS;
  });
}
