// cuLaunchKernel: the limits of the chip and of the function are checked and the arguments are taken at the call.
#include <cstring>

#include "chip_limits.h"
#include "module.h"

namespace softgpu {
namespace {

std::string shape(Dim3 dim) { return std::to_string(dim.x) + " x " + std::to_string(dim.y) + " x " + std::to_string(dim.z); }

void check_shape(const KernelInfo& info, Dim3 grid, Dim3 block) {
  using namespace limits;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0) {
    throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + " launched with a grid of " + shape(grid) + " blocks of " + shape(block) + " threads"};
  }
  if (grid.x > unsigned{kGridX} || grid.y > unsigned{kGridYZ} || grid.z > unsigned{kGridYZ}) {
    throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + ": no chip has a grid of " + shape(grid)};
  }
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  if (block.x > unsigned{kBlockX} || block.y > unsigned{kBlockY} || block.z > unsigned{kBlockZ} || threads > unsigned{kThreadsPerBlock}) {
    throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + ": no chip has a block of " + shape(block) + " threads"};
  }
  if (threads > static_cast<unsigned>(info.max_threads)) {
    throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + " launched with " + std::to_string(threads) + " threads, its launch bound is " +
                                                std::to_string(info.max_threads)};
  }
  if (threads > static_cast<unsigned>(threads_for(info.registers))) {
    throw Refusal{CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, info.name + " has too many registers for " + std::to_string(threads) + " threads"};
  }
}

void check_shared(const Function& function, std::size_t shared) {
  if (shared <= static_cast<std::size_t>(function.dynamic_shared)) return;
  throw Refusal{CUDA_ERROR_INVALID_VALUE, function.info->name + " launched with " + std::to_string(shared) + " bytes of dynamic shared memory, allowed are " +
                                              std::to_string(function.dynamic_shared) + " (more must be asked for before)"};
}

void take_arguments(const KernelInfo& info, void** parameters, KernelCall& call) {
  const std::size_t count = info.param_sizes.size();
  if (count == 0) return;
  given(parameters, "kernelParams");
  call.packed.resize(info.param_offsets.back() + info.param_sizes.back());
  if (call.packed.size() > limits::kParameterBytes) throw Refusal{CUDA_ERROR_INVALID_VALUE, info.name + " has too many bytes of parameters"};
  for (std::size_t i = 0; i < count; i++) {
    given(parameters[i], "one of kernelParams");
    call.arguments.push_back(call.packed.data() + info.param_offsets[i]);
    std::memcpy(call.arguments.back(), parameters[i], info.param_sizes[i]);
  }
}

std::optional<Fault> run_kernel(const Function& function, const KernelCall& call, const std::string& name, std::uint64_t seed) {
  const auto program = function.program.lock();
  if (program == nullptr) return Fault{CUDA_ERROR_LAUNCH_FAILED, "kernel " + name + " ran after its module was unloaded"};
  return run(*program, *function.info, call.grid, call.block, call.shared, call.packed.data(), seed);
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuLaunchKernel(Handle handle, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
                                       unsigned block_z, unsigned shared, Handle stream_handle, void** parameters, void** extra) {
  return driver_call("cuLaunchKernel", Needs::context, [&] {
    const auto function = functions().get(handle);
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (extra != nullptr) throw Refusal{CUDA_ERROR_NOT_SUPPORTED, "the software device takes arguments by kernelParams only"};
    const auto work = std::make_shared<Work>();
    work->type = CU_GRAPH_NODE_TYPE_KERNEL;
    work->name = function->info->name;
    KernelCall& call = work->kernel;
    call.function = handle;
    call.grid = {grid_x, grid_y, grid_z};
    call.block = {block_x, block_y, block_z};
    call.shared = shared;
    check_shape(*function->info, call.grid, call.block);
    check_shared(*function, shared);
    take_arguments(*function->info, parameters, call);
    work->run = [function, self = work.get()](std::uint64_t seed) { return run_kernel(*function, self->kernel, self->name, seed); };
    device.submit(stream, work);
    return CUDA_SUCCESS;
  });
}
