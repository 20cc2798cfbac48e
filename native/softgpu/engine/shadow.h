// Stamps for the device memory that one launch touches, page by page.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "stamp.h"

namespace softgpu::engine {

// The stamps of one page of device memory in one launch.
struct GlobalPage {
  static constexpr std::size_t bytes = 4096;
  Stamp written[bytes / 2], read[bytes / 2];
};

class GlobalShadow {
 public:
  static GlobalShadow& get();

  // Forgets the launch before.
  void begin_launch();

  // The stamps of page number `page`; null when the launch touches more than `capacity` pages.
  GlobalPage* page(std::uintptr_t page);

 private:
  static constexpr std::size_t capacity = 8192;  // 32 MiB of device memory, 256 MiB of stamps

  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, GlobalPage*> pages_;
  std::vector<GlobalPage*> free_;
};

}  // namespace softgpu::engine
