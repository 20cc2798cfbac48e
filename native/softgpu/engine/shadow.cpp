#include "shadow.h"

#include <cstring>

namespace softgpu::engine {

GlobalShadow& GlobalShadow::get() {
  static auto* const shadow = new GlobalShadow;
  return *shadow;
}

void GlobalShadow::begin_launch() {
  for (auto& [page, stamps] : pages_) {
    free_.push_back(stamps);
  }
  pages_.clear();
}

GlobalPage* GlobalShadow::page(std::uintptr_t page) {
  std::lock_guard lock(mutex_);
  auto found = pages_.find(page);
  if (found != pages_.end()) {
    return found->second;
  }
  if (pages_.size() == capacity) {
    return nullptr;
  }
  GlobalPage* stamps = nullptr;
  if (free_.empty()) {
    stamps = new GlobalPage{};
  } else {
    stamps = free_.back();
    free_.pop_back();
    std::memset(stamps, 0, sizeof *stamps);
  }
  pages_.emplace(page, stamps);
  return stamps;
}

}  // namespace softgpu::engine
