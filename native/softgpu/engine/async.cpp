// cp.async: copies from global to shared memory whose data appears only when the thread waits for their group.
#include <cstring>

#include "thread.h"

using namespace softgpu::engine;

#define SOFTGPU_ENTRY extern "C" [[gnu::visibility("default")]]

SOFTGPU_ENTRY void softgpu_cp_async(void* shared, const void* global, int bytes, const char* file, int line) {
  Thread& thread = current();
  Checker& checker = thread.worker->checker;
  Site site{"cp_async16", file, line};
  if (bytes < 0 || bytes > 16) {
    fail(thread, 719, "cp_async16 of " + std::to_string(bytes) + " bytes", {nullptr, &site});
  }
  checker.check_vector(thread, reinterpret_cast<std::uintptr_t>(shared), 16, Access::copy_begins, site);
  checker.check_global_source(thread, reinterpret_cast<std::uintptr_t>(global), static_cast<unsigned>(bytes), site);
  thread.copies->push_back({static_cast<unsigned char*>(shared), static_cast<const unsigned char*>(global), bytes, thread.group, site});
}

SOFTGPU_ENTRY void softgpu_cp_async_commit() { current().group++; }

SOFTGPU_ENTRY void softgpu_cp_async_wait(int groups) {
  Thread& thread = current();
  auto& copies = *thread.copies;
  std::size_t done = 0;
  while (done < copies.size() && copies[done].group + static_cast<unsigned>(groups) < thread.group) {
    const PendingCopy& copy = copies[done++];
    thread.worker->checker.check(thread, reinterpret_cast<std::uintptr_t>(copy.shared), 16, Access::copy_ends, {nullptr, &copy.site});
    std::memcpy(copy.shared, copy.global, static_cast<std::size_t>(copy.bytes));
    std::memset(copy.shared + copy.bytes, 0, static_cast<std::size_t>(16 - copy.bytes));
  }
  copies.erase(copies.begin(), copies.begin() + static_cast<std::ptrdiff_t>(done));
}
