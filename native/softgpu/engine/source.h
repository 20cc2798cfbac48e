// What the engine must know of a .cu text before the compiler sees it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace softgpu::engine {

struct KernelDeclaration {
  std::string name;
  std::string launch_bounds;  // an expression; empty if none
};

struct Declarations {
  std::vector<KernelDeclaration> kernels;
  std::vector<std::string> dynamic_shared;  // names of `extern __shared__` arrays
  std::string error;                        // empty if all were understood
};

// Finds kernels and dynamic shared arrays in a preprocessed text in which __global__, __launch_bounds__ and __shared__ still stand.
Declarations scan(std::string_view preprocessed);

// The code behind the text: one table of its kernels, memory for its dynamic shared arrays.
std::string epilogue(const Declarations& declarations);

}  // namespace softgpu::engine
