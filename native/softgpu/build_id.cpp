#include "build_id.h"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>

namespace softgpu {
namespace {

struct Search {
  std::uintptr_t inside;  // an address of this library
  std::uint32_t id = 0;
};

std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }

// The first word of the linker's checksum over everything in the library, if this is the note that holds it.
void read_notes(const unsigned char* notes, std::size_t bytes, Search& search) {
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= bytes;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof note);
    const std::size_t value = at + sizeof note + padded(note.n_namesz);
    if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz >= sizeof search.id) std::memcpy(&search.id, notes + value, sizeof search.id);
    at = value + padded(note.n_descsz);
  }
}

int visit(dl_phdr_info* info, std::size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  bool mine = false;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& part = info->dlpi_phdr[i];
    mine |= part.p_type == PT_LOAD && search.inside - (info->dlpi_addr + part.p_vaddr) < part.p_memsz;
  }
  if (!mine) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_NOTE) read_notes(reinterpret_cast<const unsigned char*>(info->dlpi_addr + part.p_vaddr), part.p_memsz, search);
  }
  return 1;
}

}  // namespace

int build_number() {
  static const int number = [] {
    Search search = {reinterpret_cast<std::uintptr_t>(&build_number)};
    dl_iterate_phdr(visit, &search);
    return static_cast<int>(search.id >> 2);
  }();
  return number;
}

}  // namespace softgpu
