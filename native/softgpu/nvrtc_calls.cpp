// NVRTC over the host's compiler: a "cubin" is the image that the engine's compiler makes.
#include <algorithm>
#include <cstring>

#include "build_id.h"
#include "device.h"

namespace softgpu {
namespace {

struct RtcProgram {
  std::string source, name;
  std::vector<Header> headers;
  std::optional<CompileResult> result;
};

Table<RtcProgram>& programs() {
  static auto* const table = new Table<RtcProgram>("NVRTC program", AnyTable::Owner::process, NVRTC_ERROR_INVALID_PROGRAM);
  return *table;
}

const CompileResult& compiled(const RtcProgram& program) {
  if (!program.result) throw Refusal{NVRTC_ERROR_INVALID_PROGRAM, "the program was not compiled"};
  return *program.result;
}

const std::vector<unsigned char>& image(const RtcProgram& program) {
  if (!compiled(program).ok) throw Refusal{NVRTC_ERROR_INVALID_PROGRAM, "the program did not compile"};
  return program.result->image;
}

std::string log_of(const RtcProgram& program) { return program.result ? program.result->log : std::string(); }

constexpr int kInvalid = NVRTC_ERROR_INVALID_INPUT;
constexpr int kArchitecture = 80;

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case NVRTC_SUCCESS: return "NVRTC_SUCCESS";
    case NVRTC_ERROR_OUT_OF_MEMORY: return "NVRTC_ERROR_OUT_OF_MEMORY";
    case NVRTC_ERROR_PROGRAM_CREATION_FAILURE: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
    case NVRTC_ERROR_INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case NVRTC_ERROR_INVALID_PROGRAM: return "NVRTC_ERROR_INVALID_PROGRAM";
    case NVRTC_ERROR_INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    case NVRTC_ERROR_COMPILATION: return "NVRTC_ERROR_COMPILATION";
    case NVRTC_ERROR_INTERNAL_ERROR: return "NVRTC_ERROR_INTERNAL_ERROR";
    default: return "NVRTC_ERROR unknown";
  }
}

// The minor version is this build's number, so that a cache of compiled kernels, which goes by the version, never mixes builds.
SOFTGPU_EXPORT int nvrtcVersion(int* major, int* minor) {
  return nvrtc_call("nvrtcVersion", [&] {
    *given(major, "major", kInvalid) = 13;
    *given(minor, "minor", kInvalid) = build_number();
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcGetNumSupportedArchs(int* count) {
  return nvrtc_call("nvrtcGetNumSupportedArchs", [&] {
    *given(count, "numArchs", kInvalid) = 1;
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcGetSupportedArchs(int* architectures) {
  return nvrtc_call("nvrtcGetSupportedArchs", [&] {
    *given(architectures, "supportedArchs", kInvalid) = kArchitecture;
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcCreateProgram(Handle* handle, const char* source, const char* name, int header_count, const char* const* headers,
                                      const char* const* header_names) {
  return nvrtc_call("nvrtcCreateProgram", [&] {
    given(handle, "prog", kInvalid);
    const auto program = std::make_shared<RtcProgram>();
    program->source = given(source, "src", kInvalid);
    program->name = name == nullptr ? "default_program" : name;
    if (header_count < 0) throw Refusal{kInvalid, "a negative number of headers"};
    for (int i = 0; i < header_count; i++) {
      given(headers, "headers", kInvalid);
      given(header_names, "includeNames", kInvalid);
      program->headers.push_back({given(header_names[i], "a header's name", kInvalid), given(headers[i], "a header", kInvalid)});
    }
    *handle = programs().add(program);
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcDestroyProgram(Handle* handle) {
  return nvrtc_call(
      "nvrtcDestroyProgram",
      [&] {
        programs().take(*given(handle, "prog", kInvalid));
        *handle = 0;
        return NVRTC_SUCCESS;
      },
      handle == nullptr ? 0 : *handle);
}

// The host's compiler runs outside of the device's lock: other threads may compile or launch meanwhile.
SOFTGPU_EXPORT int nvrtcCompileProgram(Handle handle, int option_count, const char* const* options) {
  std::shared_ptr<RtcProgram> program;
  std::vector<std::string> texts;
  const int begun = nvrtc_call("nvrtcCompileProgram", [&] {
    program = programs().get(handle);
    if (option_count < 0) throw Refusal{kInvalid, "a negative number of options"};
    for (int i = 0; i < option_count; i++) texts.emplace_back(given(given(options, "options", kInvalid)[i], "an option", kInvalid));
    return NVRTC_SUCCESS;
  });
  if (begun != NVRTC_SUCCESS) return begun;
  CompileResult result = compile(program->source, program->name, program->headers, texts);
  const std::lock_guard lock(device_lock());
  program->result = std::move(result);
  if (program->result->ok) return NVRTC_SUCCESS;
  report_refusal("nvrtcCompileProgram", NVRTC_ERROR_COMPILATION, program->result->log);
  return NVRTC_ERROR_COMPILATION;
}

SOFTGPU_EXPORT int nvrtcGetCUBINSize(Handle handle, std::size_t* bytes) {
  return nvrtc_call("nvrtcGetCUBINSize", [&] {
    *given(bytes, "cubinSizeRet", kInvalid) = image(*programs().get(handle)).size();
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcGetCUBIN(Handle handle, char* cubin) {
  return nvrtc_call("nvrtcGetCUBIN", [&] {
    const auto program = programs().get(handle);
    std::copy(image(*program).begin(), image(*program).end(), given(cubin, "cubin", kInvalid));
    return NVRTC_SUCCESS;
  });
}

// With the final zero.
SOFTGPU_EXPORT int nvrtcGetProgramLogSize(Handle handle, std::size_t* bytes) {
  return nvrtc_call("nvrtcGetProgramLogSize", [&] {
    *given(bytes, "logSizeRet", kInvalid) = log_of(*programs().get(handle)).size() + 1;
    return NVRTC_SUCCESS;
  });
}

SOFTGPU_EXPORT int nvrtcGetProgramLog(Handle handle, char* log) {
  return nvrtc_call("nvrtcGetProgramLog", [&] {
    const std::string text = log_of(*programs().get(handle));
    std::memcpy(given(log, "log", kInvalid), text.c_str(), text.size() + 1);
    return NVRTC_SUCCESS;
  });
}
