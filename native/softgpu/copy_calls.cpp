// Copies and memsets. Ranges are checked at the call, as the driver does, and again when the copy runs (a graph may run it much later).
// A pageable source is taken at the call; pinned memory is read and written when the copy runs; a copy to pageable memory has happened when the
// call returns.
#include <algorithm>
#include <cstring>

#include "capture.h"
#include "device.h"
#include "device_memory.h"

namespace softgpu {
namespace {

enum CopyKind { kHostToDevice = 1, kDeviceToHost, kDeviceToDevice };

struct Place {
  Space space;
  std::uintptr_t address;
  const char* what;
};

void check(const Place& place, std::size_t bytes) {
  const std::string problem = misplaced(place.space, place.address, bytes, place.what);
  if (!problem.empty()) throw Refusal{CUDA_ERROR_INVALID_VALUE, problem};
}

std::optional<Fault> fault_at(const Place& place, std::size_t bytes) {
  const std::string problem = misplaced(place.space, place.address, bytes, place.what);
  if (problem.empty()) return std::nullopt;
  return Fault{CUDA_ERROR_ILLEGAL_ADDRESS, problem};
}

// True for memory that the driver does not know: the program's own.
bool pageable(std::uintptr_t address, std::size_t bytes, const char* what) {
  if (lookup(address).space == Space::none) {
    if (address == 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, std::string(what) + " is null"};
    return true;
  }
  check({Space::pinned_host, address, what}, bytes);
  return false;
}

WorkRef copy_work(const char* name, CopyKind kind, Place to, Place from, std::size_t bytes) {
  auto work = std::make_shared<Work>();
  work->type = CU_GRAPH_NODE_TYPE_MEMCPY;
  work->name = name;
  work->copy_kind = kind;
  work->run = [=](std::uint64_t) -> std::optional<Fault> {
    if (auto fault = fault_at(to, bytes)) return fault;
    if (auto fault = fault_at(from, bytes)) return fault;
    std::memmove(reinterpret_cast<void*>(to.address), reinterpret_cast<const void*>(from.address), bytes);
    return std::nullopt;
  };
  return work;
}

// The bytes of a pageable source as they are now.
WorkRef upload_work(Place to, const void* from, std::size_t bytes) {
  auto work = std::make_shared<Work>();
  work->type = CU_GRAPH_NODE_TYPE_MEMCPY;
  work->name = "copy from pageable memory";
  const auto* begin = static_cast<const unsigned char*>(from);
  work->run = [to, bytes, taken = std::vector<unsigned char>(begin, begin + bytes)](std::uint64_t) -> std::optional<Fault> {
    if (auto fault = fault_at(to, bytes)) return fault;
    std::memcpy(reinterpret_cast<void*>(to.address), taken.data(), bytes);
    return std::nullopt;
  };
  return work;
}

void refuse_pageable_capture(Stream& stream) {
  if (stream.capture == nullptr) return;
  refuse_while_capturing(stream, "a copy of pageable memory");
}

template <class Element>
CUresult set(const char* name, CUdeviceptr address, Element value, std::size_t count, Handle stream_handle) {
  return driver_call(name, Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (count == 0) return CUDA_SUCCESS;
    if (address % sizeof(Element) != 0) throw Refusal{CUDA_ERROR_INVALID_VALUE, "memset of a misaligned address " + hex(address)};
    if (count > Memory::get().capacity()) throw Refusal{CUDA_ERROR_INVALID_VALUE, "memset of more than the device holds"};
    const Place place = {Space::device, address, "the target of a memset"};
    check(place, count * sizeof(Element));
    auto work = std::make_shared<Work>();
    work->type = CU_GRAPH_NODE_TYPE_MEMSET;
    work->name = name;
    work->run = [=](std::uint64_t) -> std::optional<Fault> {
      if (auto fault = fault_at(place, count * sizeof(Element))) return fault;
      std::fill_n(reinterpret_cast<Element*>(address), count, value);
      return std::nullopt;
    };
    device.submit(stream, work);
    return CUDA_SUCCESS;
  });
}

}  // namespace
}  // namespace softgpu

using namespace softgpu;

SOFTGPU_EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, std::size_t bytes, Handle stream_handle) {
  return driver_call("cuMemcpyHtoDAsync_v2", Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (bytes == 0) return CUDA_SUCCESS;
    const Place target = {Space::device, to, "the target of a copy"};
    check(target, bytes);
    const auto source = reinterpret_cast<std::uintptr_t>(from);
    if (pageable(source, bytes, "the source of a copy")) {
      refuse_pageable_capture(stream);
      device.submit(stream, upload_work(target, from, bytes));
    } else {
      const Place pinned = {Space::pinned_host, source, "the source of a copy"};
      device.submit(stream, copy_work("copy from pinned memory", kHostToDevice, target, pinned, bytes));
    }
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, std::size_t bytes, Handle stream_handle) {
  return driver_call("cuMemcpyDtoHAsync_v2", Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (bytes == 0) return CUDA_SUCCESS;
    const Place source = {Space::device, from, "the source of a copy"};
    check(source, bytes);
    const auto target = reinterpret_cast<std::uintptr_t>(to);
    if (!pageable(target, bytes, "the target of a copy")) {
      const Place pinned = {Space::pinned_host, target, "the target of a copy"};
      device.submit(stream, copy_work("copy to pinned memory", kDeviceToHost, pinned, source, bytes));
      return CUDA_SUCCESS;
    }
    refuse_pageable_capture(stream);
    refuse_implicit(stream);
    std::vector<unsigned char> bounce(bytes);
    device.enqueue(stream, [&](std::uint64_t) {
      auto fault = fault_at(source, bytes);
      if (!fault) std::memcpy(bounce.data(), reinterpret_cast<const void*>(from), bytes);
      return fault;
    });
    device.finish(stream);
    std::memcpy(to, bounce.data(), bytes);
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, Handle stream_handle) {
  return driver_call("cuMemcpyDtoDAsync_v2", Needs::context, [&] {
    Device& device = Device::get();
    Stream& stream = device.stream(stream_handle);
    if (bytes == 0) return CUDA_SUCCESS;
    const Place target = {Space::device, to, "the target of a copy"};
    const Place source = {Space::device, from, "the source of a copy"};
    check(target, bytes);
    check(source, bytes);
    if (to < from + bytes && from < to + bytes) throw Refusal{CUDA_ERROR_INVALID_VALUE, "source and target of a copy overlap"};
    device.submit(stream, copy_work("copy on the device", kDeviceToDevice, target, source, bytes));
    return CUDA_SUCCESS;
  });
}

SOFTGPU_EXPORT CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, std::size_t count, Handle stream) {
  return set("cuMemsetD8Async", address, value, count, stream);
}

SOFTGPU_EXPORT CUresult cuMemsetD16Async(CUdeviceptr address, unsigned short value, std::size_t count, Handle stream) {
  return set("cuMemsetD16Async", address, value, count, stream);
}

SOFTGPU_EXPORT CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, std::size_t count, Handle stream) {
  return set("cuMemsetD32Async", address, value, count, stream);
}
