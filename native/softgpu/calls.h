// Every exported function runs its body through one of the `..._call` functions: they take the device's lock, count the call, let an injected
// failure happen, refuse what the state of the device refuses, and turn a thrown Refusal into the return code.
#pragma once

#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cuda_api.h"

namespace softgpu {

// A call refused: the code that it returns, and the reason, which softgpu_last_report tells.
struct Refusal {
  int code;
  std::string reason;
};

enum class Needs {
  nothing,  // answers even before cuInit
  init,     // after cuInit
  context   // a live current context whose error state is clean
};

// Counts a call of `function` and gives the code of an injected failure, or -1.
int count_call(std::string_view function);

// Throws Refusal unless the calling thread may call what needs this.
void require(Needs needs);

// Remembers why a call was refused.
void report_refusal(std::string_view function, int code, const std::string& reason);

// --- For the controls ---

// Makes the nth call from now on return `code`; nth 0 takes that back. False for an unknown function or a code that is no error.
bool fail_call(std::string_view function, std::uint64_t nth, int code);

// How often it was called; empty for an unknown function.
std::optional<std::uint64_t> calls_of(std::string_view function);

// The names of all functions that return a status, one on a line.
std::string function_list();

void forget_calls();

// The sticky error's text, else the reason of the last refusal.
std::string last_report();

bool release_was_refused(Handle handle);

// Remembers that the release of an object was refused by an injected failure: the object is no leak of the program's.
void note_refused_release(Handle released);

std::mutex& device_lock();

// Runs `body` under the device's lock. It throws Refusal, or returns a code; `internal` is the code for a failure of the software device itself;
// `released` is the object or address that the call would release, if any.
template <class Body>
int guarded_call(std::string_view function, int internal, Handle released, Body&& body) {
  const std::lock_guard lock(device_lock());
  const int injected = count_call(function);
  if (injected >= 0) {
    if (released != 0) note_refused_release(released);
    return injected;
  }
  try {
    return body();
  } catch (const Refusal& refusal) {
    report_refusal(function, refusal.code, refusal.reason);
    return refusal.code;
  } catch (const std::exception& failure) {
    report_refusal(function, internal, failure.what());
    return internal;
  }
}

template <class Body>
CUresult driver_call(std::string_view function, Needs needs, Body&& body, Handle released = 0) {
  return guarded_call(function, CUDA_ERROR_UNKNOWN, released, [&] {
    require(needs);
    return body();
  });
}

template <class Body>
int nvrtc_call(std::string_view function, Body&& body, Handle released = 0) {
  return guarded_call(function, NVRTC_ERROR_INTERNAL_ERROR, released, body);
}

template <class Body>
int cublas_call(std::string_view function, Body&& body, Handle released = 0) {
  return guarded_call(function, CUBLAS_STATUS_INTERNAL_ERROR, released, body);
}

// A pointer argument that must not be null.
template <class T>
T* given(T* pointer, const char* name, int code = CUDA_ERROR_INVALID_VALUE) {
  if (pointer == nullptr) throw Refusal{code, std::string(name) + " is null"};
  return pointer;
}

}  // namespace softgpu
