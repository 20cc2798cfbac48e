// Runs the host's tools.
#pragma once

#include <string>
#include <vector>

namespace softgpu::engine {

struct Finished {
  int status;          // exit status; -1 if it could not be started or was killed
  std::string output;  // standard output and error
};

// Runs a program found on the PATH, in a folder, and waits for it.
Finished run_process(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace softgpu::engine
