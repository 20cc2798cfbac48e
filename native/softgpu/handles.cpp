#include "handles.h"

#include <atomic>

namespace softgpu {

Handle next_handle() {
  static std::atomic<Handle> next = 0x50f700000000;
  return next.fetch_add(16);
}

std::vector<AnyTable*>& AnyTable::tables() {
  static auto* const all = new std::vector<AnyTable*>();
  return *all;
}

AnyTable::AnyTable(const char* kind, Owner owner, int invalid) : kind(kind), owner(owner), invalid_(invalid) { tables().push_back(this); }

std::vector<Handle> AnyTable::handles() const {
  std::vector<Handle> all;
  for (const auto& [handle, object] : objects_) all.push_back(handle);
  return all;
}

bool AnyTable::contains(Handle handle) const { return objects_.contains(handle); }

// Destructors may look into other tables, and into this one.
void AnyTable::clear() {
  const auto going = std::move(objects_);
  objects_.clear();
}

Handle AnyTable::add_object(std::shared_ptr<void> object) {
  const Handle handle = next_handle();
  objects_.emplace(handle, std::move(object));
  return handle;
}

const std::shared_ptr<void>& AnyTable::object(Handle handle) const {
  const auto found = objects_.find(handle);
  if (found == objects_.end()) {
    throw Refusal{invalid_, std::string(handle == 0 ? "null" : "a handle that is not live") + " where a " + kind + " is needed"};
  }
  return found->second;
}

void AnyTable::erase(Handle handle) { objects_.erase(handle); }

}  // namespace softgpu
