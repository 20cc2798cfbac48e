// Objects behind opaque handles. A handle is a number that is never used twice, so a stale one is recognised instead of crashing.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "calls.h"

namespace softgpu {

// A number that no object had before.
Handle next_handle();

// All tables are known, so that what is left in them can be reported and thrown away.
class AnyTable {
 public:
  enum class Owner {
    context,  // goes with the context, and should have been destroyed before
    parent,   // goes with another object (the functions of a module, the nodes of a graph): no leak of its own
    process   // lives on its own
  };

  AnyTable(const char* kind, Owner owner) : kind(kind), owner(owner) { tables().push_back(this); }
  virtual ~AnyTable() = default;
  virtual std::vector<Handle> handles() const = 0;
  virtual void clear() = 0;

  static std::vector<AnyTable*>& tables();

  const char* const kind;
  const Owner owner;
};

template <class T>
class Table final : public AnyTable {
 public:
  Table(const char* kind, Owner owner, int invalid = CUDA_ERROR_INVALID_HANDLE) : AnyTable(kind, owner), invalid_(invalid) {}

  Handle add(std::shared_ptr<T> object) {
    const Handle handle = next_handle();
    objects_.emplace(handle, std::move(object));
    return handle;
  }

  // The object, or a Refusal that says what is wrong with the handle.
  std::shared_ptr<T> get(Handle handle) const {
    const auto found = objects_.find(handle);
    if (found == objects_.end()) {
      throw Refusal{invalid_, std::string(handle == 0 ? "null" : "a handle that is not live") + " where a " + kind + " is needed"};
    }
    return found->second;
  }

  // The same, and forgets it.
  std::shared_ptr<T> take(Handle handle) {
    auto object = get(handle);
    objects_.erase(handle);
    return object;
  }

  bool contains(Handle handle) const { return objects_.contains(handle); }
  const std::map<Handle, std::shared_ptr<T>>& all() const { return objects_; }
  void clear() override { objects_.clear(); }

  std::vector<Handle> handles() const override {
    std::vector<Handle> all;
    for (const auto& [handle, object] : objects_) all.push_back(handle);
    return all;
  }

 private:
  int invalid_;
  std::map<Handle, std::shared_ptr<T>> objects_;
};

}  // namespace softgpu
