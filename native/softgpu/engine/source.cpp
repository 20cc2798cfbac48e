#include "source.h"

#include <algorithm>
#include <cctype>

#include "program.h"

namespace softgpu::engine {

namespace {

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Reads the text token by token; line marks and strings are passed over.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  // The next word, number, string or single character; empty at the end.
  std::string_view next() {
    skip();
    std::size_t begin = at_;
    if (at_ == text_.size()) {
      return {};
    }
    char c = text_[at_];
    if (in_word(c)) {
      while (at_ < text_.size() && in_word(text_[at_])) {
        at_++;
      }
    } else if (c == '"' || c == '\'') {
      for (at_++; at_ < text_.size() && text_[at_] != c; at_++) {
        at_ += text_[at_] == '\\' ? 1 : 0;
      }
      at_ = std::min(at_ + 1, text_.size());
    } else {
      at_++;
    }
    return text_.substr(begin, at_ - begin);
  }

  // What stands in the parentheses that open here.
  std::string inside_parentheses() {
    std::string inside;
    if (next() != "(") {
      return inside;
    }
    for (int depth = 1;;) {
      std::string_view token = next();
      depth += token == "(" ? 1 : token == ")" ? -1 : 0;
      if (token.empty() || depth == 0) {
        return inside;
      }
      inside.append(token).append(" ");
    }
  }

 private:
  void skip() {
    while (at_ < text_.size()) {
      bool line_begins = at_ == 0 || text_[at_ - 1] == '\n';
      if (line_begins && text_[at_] == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        at_++;
      } else {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void read_kernel(Reader& reader, bool extern_c, Declarations& found) {
  KernelDeclaration kernel;
  std::string_view token = reader.next();
  if (token == "__launch_bounds__") {
    kernel.launch_bounds = reader.inside_parentheses();
    token = reader.next();
  }
  std::string_view name = reader.next();
  if (!extern_c || token != "void" || name.empty() || !in_word(name[0]) || reader.next() != "(") {
    found.error = "a kernel must be declared as: extern \"C\" __global__ [__launch_bounds__(threads)] void name(...)";
    return;
  }
  kernel.name = name;
  auto same = [&](const KernelDeclaration& k) { return k.name == kernel.name; };
  if (std::none_of(found.kernels.begin(), found.kernels.end(), same)) {
    found.kernels.push_back(std::move(kernel));
  }
}

// The name is the word before the bracket.
void read_dynamic_shared(Reader& reader, Declarations& found) {
  std::string last;
  for (std::string_view token = reader.next(); !token.empty() && token != ";"; token = reader.next()) {
    if (token == "[") {
      if (std::find(found.dynamic_shared.begin(), found.dynamic_shared.end(), last) == found.dynamic_shared.end()) {
        found.dynamic_shared.push_back(last);
      }
      return;
    }
    if (in_word(token[0])) {
      last = token;
    }
  }
}

// The names that the compiler's instrumentation calls, each a jump into the engine.
std::string stubs() {
  std::string code;
  auto add = [&](const std::string& name, const std::string& target) {
    code += "extern \"C\" void " + target + "();\n";
    code += "asm(\".text\\n.globl " + name + "\\n.hidden " + name + "\\n.type " + name + ",@function\\n" + name + ": jmp *" + target +
            "@GOTPCREL(%rip)\\n\");\n";
  };
  for (const char* bytes : {"1", "2", "4", "8", "16", "_range"}) {
    add(std::string("__tsan_read") + bytes, std::string("softgpu_read") + bytes);
    add(std::string("__tsan_write") + bytes, std::string("softgpu_write") + bytes);
  }
  add("__ubsan_handle_type_mismatch_v1", "softgpu_type_mismatch");
  for (const char* finding : {"out_of_bounds", "shift_out_of_bounds", "divrem_overflow", "add_overflow", "sub_overflow", "mul_overflow", "negate_overflow",
                              "load_invalid_value"}) {
    add(std::string("__ubsan_handle_") + finding, std::string("softgpu_") + finding);
  }
  code += "extern \"C\" __attribute__((visibility(\"hidden\"))) void __tsan_init() {}\n";
  return code;
}

}  // namespace

Declarations scan(std::string_view preprocessed) {
  Declarations found;
  Reader reader(preprocessed);
  std::string_view before, last;
  for (std::string_view token = reader.next(); !token.empty() && found.error.empty(); token = reader.next()) {
    if (token == "__global__") {
      read_kernel(reader, before == "extern" && last == "\"C\"", found);
    } else if (token == "__shared__" && last == "extern") {
      read_dynamic_shared(reader, found);
    }
    before = last;
    last = token;
  }
  return found;
}

std::string epilogue(const Declarations& declarations) {
  std::string code = "\n# 1 \"softgpu\"\n";
  code += "extern \"C\" __attribute__((visibility(\"default\"), used)) constexpr softgpu_kernel softgpu_kernels[] = {\n";
  for (const KernelDeclaration& k : declarations.kernels) {
    std::string bounds = k.launch_bounds.empty() ? "1024" : k.launch_bounds;
    code += "    softgpu_entry<&" + k.name + ">::describe(\"" + k.name + "\", softgpu_first(" + bounds + ")),\n";
  }
  code += "    {}};\n";
  code += "extern \"C\" __attribute__((visibility(\"default\"), used)) const char* const softgpu_image_version = \"" + image_version() + "\";\n";
  code +=
      "__attribute__((tls_model(\"global-dynamic\"))) thread_local unsigned char softgpu_shared_marker[16];\n"
      "extern \"C\" __attribute__((visibility(\"default\"), used)) unsigned char* softgpu_shared_marker_address() { return softgpu_shared_marker; }\n";
  code += stubs();
  if (!declarations.dynamic_shared.empty()) {
    // All names of dynamic shared memory are one place.
    std::string bytes = std::to_string(dynamic_capacity);
    code += "asm(\".pushsection .tbss,\\\"awT\\\",@nobits\\n.balign 128\\n\"\n";
    for (const std::string& name : declarations.dynamic_shared) {
      code += "    \".globl " + name + "\\n.hidden " + name + "\\n.type " + name + ",@object\\n.size " + name + "," + bytes + "\\n" + name + ":\\n\"\n";
    }
    code += "    \".zero " + bytes + "\\n.popsection\\n\");\n";
  }
  return code;
}

}  // namespace softgpu::engine
