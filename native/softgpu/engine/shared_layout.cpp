#include "shared_layout.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "../kernel_engine.h"

namespace softgpu::engine {

namespace {

constexpr const char* marker_name = "softgpu_shared_marker";

[[noreturn]] void refuse(const char* why) { throw Fault{200, std::string("this image cannot be loaded: ") + why}; }

// Bytes that hold what they say they hold, or a refusal.
struct Image {
  const unsigned char* begin;
  std::size_t bytes;

  template <class T>
  const T* at(std::size_t offset, std::size_t count = 1) const {
    if (offset > bytes || (bytes - offset) / sizeof(T) < count) {
      refuse("it is cut short");
    }
    return reinterpret_cast<const T*>(begin + offset);
  }

  std::string text(std::size_t offset) const {
    const char* first = at<char>(offset);
    return {first, strnlen(first, bytes - offset)};
  }
};

void read_symbols(const Image& image, const Elf64_Shdr& symbols, const Elf64_Shdr& names, SharedLayout& layout) {
  std::size_t count = symbols.sh_size / sizeof(Elf64_Sym);
  auto* first = image.at<Elf64_Sym>(symbols.sh_offset, count);
  for (auto* s = first; s != first + count; s++) {
    if (ELF64_ST_TYPE(s->st_info) != STT_TLS || s->st_shndx == SHN_UNDEF) {
      continue;
    }
    std::string name = image.text(names.sh_offset + s->st_name);
    if (name == marker_name) {
      layout.marker_offset = s->st_value;
    } else {
      layout.variables.push_back({name, s->st_value, s->st_size, s->st_size == dynamic_capacity});
    }
  }
}

// `float tile[32]` in kernel or function f is the symbol _ZZ1fE4tile.
bool local_to(const std::string& symbol, const std::string& kernel) { return symbol.starts_with("_ZZ" + std::to_string(kernel.size()) + kernel + "E"); }

}  // namespace

std::size_t SharedLayout::static_bytes(const std::string& name, const std::vector<std::string>& kernels) const {
  std::size_t sum = 0;
  for (const SharedVariable& v : variables) {
    bool own = local_to(v.name, name);
    bool of_another = !own && std::any_of(kernels.begin(), kernels.end(), [&](const std::string& k) { return local_to(v.name, k); });
    sum += v.dynamic || of_another ? 0 : v.bytes;
  }
  return sum;
}

SharedLayout read_shared_layout(const void* bytes, std::size_t size) {
  Image image{static_cast<const unsigned char*>(bytes), size};
  auto* header = image.at<Elf64_Ehdr>(0);
  if (std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64) {
    refuse("it is not one that this device's compiler made");
  }
  SharedLayout layout;
  auto* segments = image.at<Elf64_Phdr>(header->e_phoff, header->e_phnum);
  for (auto* s = segments; s != segments + header->e_phnum; s++) {
    if (s->p_type == PT_LOAD) {
      layout.image_bytes = s->p_vaddr + s->p_memsz;
    } else if (s->p_type == PT_TLS) {
      layout.block_bytes = s->p_memsz;
    }
  }
  auto* sections = image.at<Elf64_Shdr>(header->e_shoff, header->e_shnum);
  for (auto* s = sections; s != sections + header->e_shnum; s++) {
    if (s->sh_type == SHT_SYMTAB && s->sh_link < header->e_shnum) {
      read_symbols(image, *s, sections[s->sh_link], layout);
    }
  }
  return layout;
}

}  // namespace softgpu::engine
