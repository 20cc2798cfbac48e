// Every exported function runs its body through one of the `..._call` functions: they take the device's lock, count the call, let an injected
// failure happen, refuse what the state of the device refuses, and turn a thrown Refusal into the return code.
#pragma once

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

// Whether an injected failure kept the object from being released: then it is no leak of the program's.
bool release_was_refused(Handle handle);

std::mutex& device_lock();

// A body to run, without a copy of it.
class Body {
 public:
  template <class F>
  Body(F& function) : function_(&function), run_([](void* f) -> int { return (*static_cast<F*>(f))(); }) {}
  int operator()() const { return run_(function_); }

 private:
  void* function_;
  int (*run_)(void*);
};

// Runs `body` under the device's lock. It throws Refusal, or returns a code; `internal` is the code for a failure of the software device itself;
// `released` is the object or address that the call would release, if any.
int guarded_call(std::string_view function, Needs needs, int internal, Handle released, Body body);

template <class F>
CUresult driver_call(std::string_view function, Needs needs, F&& body, Handle released = 0) {
  return guarded_call(function, needs, CUDA_ERROR_UNKNOWN, released, Body(body));
}

template <class F>
int nvrtc_call(std::string_view function, F&& body, Handle released = 0) {
  return guarded_call(function, Needs::nothing, NVRTC_ERROR_INTERNAL_ERROR, released, Body(body));
}

template <class F>
int cublas_call(std::string_view function, F&& body, Handle released = 0) {
  return guarded_call(function, Needs::nothing, CUBLAS_STATUS_INTERNAL_ERROR, released, Body(body));
}

// A pointer argument that must not be null.
template <class T>
T* given(T* pointer, const char* name, int code = CUDA_ERROR_INVALID_VALUE) {
  if (pointer == nullptr) throw Refusal{code, std::string(name) + " is null"};
  return pointer;
}

}  // namespace softgpu
