// The wall between the device model (memory, streams, graphs, the driver's functions) and the engine that compiles and runs kernels.
// The engine implements `compile`, `load`, `find` and `run`; the device model implements `lookup` and calls the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace softgpu {

// What went wrong on the device. The code is a CUresult (700 illegal address, 716 misaligned address, 719 launch failed ...);
// the text names kernel, block, thread, file:line and address, as far as they are known.
struct Fault {
  int code;
  std::string text;
};

struct Dim3 {
  unsigned x = 1, y = 1, z = 1;
};

// One `extern "C" __global__` function of a program. Offsets and sizes of its parameters, in bytes, in the packed form that `run` takes.
struct KernelInfo {
  std::string name;
  std::vector<std::size_t> param_offsets;
  std::vector<std::size_t> param_sizes;
  std::size_t static_shared = 0;  // bytes of __shared__ variables of known size
  int max_threads = 1024;         // of __launch_bounds__, else 1024
  int registers = 32;             // declared or estimated; a host compiler cannot know
};

// A program in memory, ready to run. Unloaded when the last pointer to it goes.
class Program;

struct CompileResult {
  bool ok;
  std::string log;                   // the compiler's messages, in terms of the source's own file names
  std::vector<unsigned char> image;  // the bytes of a shared object; empty if !ok
};

struct Header {
  std::string name, text;
};

// Compiles one .cu text with the host's C++ compiler. `options` are NVRTC's (-D, -arch=sm_80, -std=..., -lineinfo, ...): those that mean nothing
// here are ignored, an unknown one is an error in the log. Called on any thread, several at once.
CompileResult compile(std::string_view source, std::string_view name, const std::vector<Header>& headers, const std::vector<std::string>& options);

// Loads an image that `compile` made; throws Fault (code 200 invalid image) for anything else.
std::shared_ptr<Program> load(const void* image, std::size_t bytes);

// Null when the program has no such kernel. The info lives as long as the program.
const KernelInfo* find(Program& program, std::string_view name);

// Runs one grid to its end and returns the first fault that the checker found. Called by the device's worker thread, one grid at a time; limits of
// grid, block and shared memory were checked before. `packed_params` are laid out as the kernel's info says. The seed fixes every
// random choice of the schedule: blocks, warps, threads.
std::optional<Fault> run(Program& program, const KernelInfo& kernel, Dim3 grid, Dim3 block, std::size_t dynamic_shared, const void* packed_params,
                         std::uint64_t seed);

// --- The memory map, kept by the device model ---

enum class Space {
  none,         // nothing of the device's: a host pointer, or a wild one
  device,       // live device memory
  pinned_host,  // memory of cuMemHostAlloc. A chip could read it from a kernel; no kernel of this project may
  freed,        // device or pinned memory that was released
  guard         // between allocations: just before or behind one
};

struct Range {
  Space space;
  std::uintptr_t begin, end;  // the allocation [begin, end) that holds the address, or for `guard` the nearest one; 0, 0 for `none`
  const char* note;           // one line for a report: size, number, owner; never null
};

// What lies at an address. No locks: fast enough for every access, and safe beside allocations by other threads. Memory is never freed while a
// grid runs, so a Range of space `device` may be cached for the length of one `run`. Device memory is always the bytes themselves.
Range lookup(std::uintptr_t address);

// The program that compiles kernels from now on: else the environment's CULEBRA_CXX, else c++.
void use_compiler(const std::string& program);

}  // namespace softgpu
