// NVRTC's part: a .cu text becomes a shared object by the host's C++ compiler.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "../kernel_engine.h"
#include "process.h"
#include "program.h"
#include "source.h"
#include "thread.h"

extern "C" const char softgpu_device_header[];
extern "C" const char softgpu_device_header_end[];

namespace softgpu {

using namespace engine;

namespace {

namespace fs = std::filesystem;

// A folder that goes when it is no longer needed.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "softgpu-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) {
      path_ = pattern;
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  bool write(std::string_view name, std::string_view text) const {
    fs::path file = fs::path(path_) / name;
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    std::ofstream out(file, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    return out.good();
  }
  std::string read(std::string_view name) const {
    std::ifstream in(fs::path(path_) / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string path_;
};

struct Options {
  std::vector<std::string> macros;
  std::string error;
};

// The options of NVRTC that name nothing which exists here.
bool means_nothing_here(std::string_view name) {
  constexpr std::array known = {"--gpu-architecture", "-arch",          "--std",         "-std",    "--fmad",     "-fmad", "--use_fast_math",
                                "-use_fast_math",     "--ptxas-options", "-Xptxas",      "-lineinfo", "--generate-line-info", "--restrict", "-restrict",
                                "--device-as-default-execution-space", "-default-device", "--extra-device-vectorization", "--dopt", "-dopt",
                                "-diag-suppress", "--diag-suppress", "-w", "--disable-warnings"};
  for (std::string_view k : known) {
    if (name == k) {
      return true;
    }
  }
  return false;
}

Options read_options(const std::vector<std::string>& options) {
  Options read;
  for (std::size_t i = 0; i < options.size(); i++) {
    const std::string& o = options[i];
    std::string name = o.substr(0, o.find('='));
    bool last = i + 1 == options.size();
    if (o == "-D" && !last) {
      read.macros.push_back("-D" + options[++i]);
    } else if (o.starts_with("-D")) {
      read.macros.push_back(o);
    } else if (name == "--define-macro" && o.size() > name.size()) {
      read.macros.push_back("-D" + o.substr(name.size() + 1));
    } else if (name == "--gpu-architecture" || name == "-arch") {
      std::string chip = o.size() > name.size() ? o.substr(name.size() + 1) : last ? "" : options[++i];
      if (!chip.starts_with("sm_") && !chip.starts_with("compute_")) {
        read.error = "nvrtc: error: invalid value for --gpu-architecture (-arch): " + chip + "\n";
      }
    } else if ((o == "-Xptxas" || o == "--ptxas-options" || o == "--std" || o == "-std") && !last) {
      i++;
    } else if (!means_nothing_here(name)) {
      read.error = "nvrtc: error: unrecognized option " + o + "\n";
    }
  }
  return read;
}

// The library under AddressSanitizer asks for more of its kernels, too.
#ifdef __SANITIZE_ADDRESS__
constexpr bool undefined_is_checked = true;
#else
constexpr bool undefined_is_checked = false;
#endif

bool has_fma() {
#ifdef __x86_64__
  return __builtin_cpu_supports("fma") != 0 && __builtin_cpu_supports("avx2") != 0;
#else
  return false;
#endif
}

std::string& told_compiler() {
  static std::string told;
  return told;
}

std::string host_compiler() {
  if (!told_compiler().empty()) return told_compiler();
  const char* chosen = std::getenv("CULEBRA_CXX");
  return chosen == nullptr || *chosen == '\0' ? "c++" : chosen;
}

std::vector<std::string> compile_command() {
  std::vector<std::string> command = {host_compiler(), "-x", "c++", "-std=c++20", "-O1", "-g1", "-fPIC", "-fvisibility=hidden", "-nostdinc"};
  const auto add = [&](std::initializer_list<const char*> words) { command.insert(command.end(), words.begin(), words.end()); };
  // CUDA's ways, and what thread-local variables need to be plain memory.
  add({"-fno-exceptions", "-fno-rtti", "-fno-strict-aliasing", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-fno-gnu-unique",
       "-fno-extern-tls-init", "-fno-asynchronous-unwind-tables", "-D__shared__=thread_local", "-D__global__=", "-D__launch_bounds__(...)="});
  // The checker's eyes. A fibre's stack has 56 KiB.
  add({"-fsanitize=thread", "--param", "tsan-instrument-func-entry-exit=0", "-fsanitize=alignment,bounds", "-Werror=frame-larger-than=40000"});
  if (has_fma()) {
    add({"-mavx2", "-mfma"});
  }
  if (undefined_is_checked) {
    add({"-fsanitize=shift,integer-divide-by-zero,signed-integer-overflow,null,bool,enum"});
  }
  return command;
}

// As ptxas says it.
std::string check_static_shared(const std::string& image, const Declarations& declarations) {
  std::vector<std::string> names;
  for (const KernelDeclaration& k : declarations.kernels) {
    names.push_back(k.name);
  }
  SharedLayout layout = read_shared_layout(image.data(), image.size());
  std::string errors;
  for (const std::string& name : names) {
    std::size_t bytes = layout.static_bytes(name, names);
    if (bytes > static_capacity) {
      errors += "error: entry function '" + name + "' uses too much shared data (" + hex(bytes) + " bytes, " + hex(static_capacity) + " max)\n";
    }
  }
  return errors;
}

}  // namespace

const std::string& engine::image_version() {
  static const std::string version = std::string("softgpu-1") + (has_fma() ? "-fma" : "") + (undefined_is_checked ? "-undefined" : "");
  return version;
}

CompileResult compile(std::string_view source, std::string_view name, const std::vector<Header>& headers, const std::vector<std::string>& options) {
  Options read = read_options(options);
  if (!read.error.empty()) {
    return {false, read.error, {}};
  }
  TemporaryFolder folder;
  std::string file = name.empty() ? "default_program" : std::string(name);
  bool written = !folder.path().empty() && folder.write(file, source);
  for (const Header& h : headers) {
    written = written && folder.write(h.name, h.text);
  }
  written = written && folder.write("softgpu_device.h", std::string_view(softgpu_device_header, static_cast<std::size_t>(softgpu_device_header_end - softgpu_device_header)));
  if (!written) {
    return {false, "softgpu: error: cannot write to a temporary folder in " + fs::temp_directory_path().string() + "\n", {}};
  }

  std::vector<std::string> preprocess = {host_compiler(), "-x", "c++", "-std=c++20", "-E", "-nostdinc", "-w", "-I.", "-DSOFTGPU=1", "-include", "softgpu_device.h"};
  preprocess.insert(preprocess.end(), read.macros.begin(), read.macros.end());
  preprocess.insert(preprocess.end(), {file, "-o", "softgpu.ii"});
  Finished step = run_process(preprocess, folder.path());
  if (step.status != 0) {
    return {false, step.output, {}};
  }
  std::string text = folder.read("softgpu.ii");
  Declarations declarations = scan(text);
  if (!declarations.error.empty()) {
    return {false, file + ": error: " + declarations.error + "\n", {}};
  }
  folder.write("softgpu.cpp", text + epilogue(declarations));
  std::vector<std::string> command = compile_command();
  command.insert(command.end(), {"-c", "softgpu.cpp", "-o", "softgpu.o"});
  step = run_process(command, folder.path());
  std::string log = step.output;
  if (step.status == 0) {
    step = run_process({host_compiler(), "-shared", "-nostdlib", "softgpu.o", "-lm", "-o", "softgpu.so"}, folder.path());
    log += step.output;
  }
  if (step.status != 0) {
    return {false, log, {}};
  }
  std::string image = folder.read("softgpu.so");
  std::string too_much = check_static_shared(image, declarations);
  if (!too_much.empty()) {
    return {false, log + too_much, {}};
  }
  return {true, log, {image.begin(), image.end()}};
}

void use_compiler(const std::string& program) { told_compiler() = program; }

}  // namespace softgpu
