package dev.culebra.data.read;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** What a file of text is, by its name. */
enum FileKind {
  /** One text: prose or source code. */
  TEXT,
  /** One JSON object per line. */
  LINES;

  static final String KNOWN =
      ".txt, .md, .jsonl, source code (.java, .py, .c and others) and .gz of these";

  private static final Set<String> TEXTS = Set.of("txt", "md", "rst");
  private static final Set<String> CODE =
      Set.of(
          "java", "kt", "kts", "scala", "groovy", "clj", "py", "rb", "pl", "php", "lua", "r", "jl",
          "c", "h", "cc", "cpp", "cxx", "hpp", "cu", "cuh", "cs", "m", "swift", "go", "rs", "zig",
          "js", "mjs", "jsx", "ts", "tsx", "sh", "sql", "hs", "ml", "ex", "exs", "erl", "dart");

  /** The kind of a file, which may be compressed, or empty if its name says none that is known. */
  static Optional<FileKind> of(Path file) {
    String name = InputFile.plainName(file);
    String extension = name.substring(name.lastIndexOf('.') + 1);
    if (extension.length() == name.length()) {
      return Optional.empty();
    }
    if (extension.equals("jsonl")) {
      return Optional.of(LINES);
    }
    return TEXTS.contains(extension) || CODE.contains(extension)
        ? Optional.of(TEXT)
        : Optional.empty();
  }
}
