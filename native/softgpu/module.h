// Loaded programs and their kernels.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "device.h"

namespace softgpu {

struct Function {
  std::weak_ptr<Program> program;  // gone when the module was unloaded
  const KernelInfo* info = nullptr;
  int dynamic_shared = 0;  // the most that a launch may have
  int carveout = -1;
};

struct Module {
  std::shared_ptr<Program> program;
  std::map<std::string, Handle> functions;
};

Table<Module>& modules();
Table<Function>& functions();

// The most threads of a block whose threads have so many registers.
int threads_for(int registers);

}  // namespace softgpu
