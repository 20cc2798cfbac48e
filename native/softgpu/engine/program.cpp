// Loads the shared object that a .cu file became, without leaving a file behind.
#include "program.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "process.h"
#include "thread.h"

namespace softgpu {

using namespace engine;

namespace {

// The last record of softgpu_device.h.
struct KernelRecord {
  const char* name;
  void (*run)(const unsigned char*);
  int parameters;
  const unsigned long* sizes;
  const unsigned long* alignments;
  int max_threads;
};

[[noreturn]] void refuse(int code, const std::string& why) { throw Fault{code, "this image cannot be loaded: " + why}; }

// Programs call the engine by name, so its names must be visible to what is loaded later.
void publish_engine() {
  static const bool done = [] {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(&publish_engine), &info) != 0 && info.dli_fname != nullptr) {
      dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL | RTLD_NOLOAD);  // null for an executable, whose names are global anyway
    }
    return true;
  }();
  (void)done;
}

}  // namespace

Program::Program(const void* image, std::size_t bytes) {
  static std::atomic<std::uint64_t> count{0};
  id_ = ++count;
  layout_ = read_shared_layout(image, bytes);
  publish_engine();
  file_ = memfd_create("softgpu-program", MFD_CLOEXEC);
  if (file_ < 0) {
    refuse(2, std::string("memfd_create: ") + std::strerror(errno));
  }
  for (std::size_t written = 0; written < bytes;) {
    ssize_t n = write(file_, static_cast<const char*>(image) + written, bytes - written);
    if (n < 0) {
      close(file_);
      refuse(2, std::string("write: ") + std::strerror(errno));
    }
    written += static_cast<std::size_t>(n);
  }
  // The descriptor stays open as long as the program: the loader tells libraries apart by these names.
  path_ = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file_);
  handle_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ == nullptr) {
    std::string why = dlerror();
    close(file_);
    refuse(200, why);
  }
  auto* version = static_cast<const char* const*>(dlsym(handle_, "softgpu_image_version"));
  if (version == nullptr || image_version() != *version) {
    dlclose(handle_);
    close(file_);
    refuse(209, version == nullptr ? "the engine did not make it" : "it was made for " + std::string(*version) + ", this engine is " + image_version());
  }
  read_kernels();
}

Program::~Program() {
  if (handle_ != nullptr) {
    dlclose(handle_);
  }
  if (file_ >= 0) {
    close(file_);
  }
}

void Program::read_kernels() {
  auto* records = static_cast<const KernelRecord*>(dlsym(handle_, "softgpu_kernels"));
  for (auto* r = records; r != nullptr && r->name != nullptr; r++) {
    LoadedKernel kernel;
    kernel.name = r->name;
    kernel.entry = r->run;
    kernel.max_threads = r->max_threads;
    kernel.registers = std::min(255, 65536 / r->max_threads / 8 * 8);
    std::size_t offset = 0;
    for (int p = 0; p < r->parameters; p++) {
      offset = (offset + r->alignments[p] - 1) / r->alignments[p] * r->alignments[p];
      kernel.param_offsets.push_back(offset);
      kernel.param_sizes.push_back(r->sizes[p]);
      offset += r->sizes[p];
    }
    kernels_.push_back(std::move(kernel));
  }
  std::vector<std::string> names;
  for (const LoadedKernel& kernel : kernels_) {
    names.push_back(kernel.name);
  }
  for (LoadedKernel& kernel : kernels_) {
    kernel.static_shared = layout_.static_bytes(kernel.name, names);
  }
  shared_marker_ = reinterpret_cast<unsigned char* (*)()>(dlsym(handle_, "softgpu_shared_marker_address"));
  Dl_info info{};
  dladdr(reinterpret_cast<void*>(shared_marker_), &info);
  image_begin_ = reinterpret_cast<std::uintptr_t>(info.dli_fbase);
  image_end_ = image_begin_ + layout_.image_bytes;
}

std::string Program::line_of(const void* return_address) const {
  std::uintptr_t call = reinterpret_cast<std::uintptr_t>(return_address) - 1 - image_begin_;
  Finished tool = run_process({"addr2line", "-s", "-i", "-e", path_, hex(call)}, "/");
  if (tool.status != 0) {
    return "line unknown (addr2line is missing)";
  }
  std::istringstream lines(tool.output);
  std::string line, text;
  while (std::getline(lines, line)) {
    line = line.substr(0, line.find(' '));
    text += text.empty() ? line : ", called at " + line;
  }
  return text;
}

std::shared_ptr<Program> load(const void* image, std::size_t bytes) { return std::make_shared<Program>(image, bytes); }

const KernelInfo* find(Program& program, std::string_view name) {
  for (const LoadedKernel& kernel : program.kernels()) {
    if (kernel.name == name) {
      return &kernel;
    }
  }
  return nullptr;
}

}  // namespace softgpu
