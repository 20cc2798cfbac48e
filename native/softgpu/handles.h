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

// The objects of one kind. All tables are known, so that what is left in them can be reported and thrown away.
class AnyTable {
 public:
  enum class Owner {
    context,  // goes with the context, and should have been destroyed before
    parent,   // goes with another object (the functions of a module, the nodes of a graph): no leak of its own
    process   // lives on its own
  };

  // `invalid`: the code of a call that gives a handle which is not in the table.
  AnyTable(const char* kind, Owner owner, int invalid);

  std::vector<Handle> handles() const;
  bool contains(Handle handle) const;
  void clear();

  static std::vector<AnyTable*>& tables();

  const char* const kind;
  const Owner owner;

 protected:
  Handle add_object(std::shared_ptr<void> object);
  const std::shared_ptr<void>& object(Handle handle) const;
  void erase(Handle handle);

 private:
  const int invalid_;
  std::map<Handle, std::shared_ptr<void>> objects_;
};

template <class T>
class Table final : public AnyTable {
 public:
  Table(const char* kind, Owner owner, int invalid = CUDA_ERROR_INVALID_HANDLE) : AnyTable(kind, owner, invalid) {}

  Handle add(std::shared_ptr<T> object) { return add_object(std::move(object)); }

  // The object, or a Refusal that says what is wrong with the handle.
  std::shared_ptr<T> get(Handle handle) const { return std::static_pointer_cast<T>(object(handle)); }

  std::vector<std::shared_ptr<T>> all() const {
    std::vector<std::shared_ptr<T>> objects;
    for (const Handle handle : handles()) objects.push_back(get(handle));
    return objects;
  }

  // Like get, and forgets it.
  std::shared_ptr<T> take(Handle handle) {
    auto object = get(handle);
    erase(handle);
    return object;
  }
};

}  // namespace softgpu
