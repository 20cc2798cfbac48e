package dev.culebra.objectives.corpus;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a file is, by its name.
 *
 * @param lines whether it has one JSON object per line; otherwise it is one text
 * @param gzip whether it is compressed
 */
record FileKind(boolean lines, boolean gzip) {
  static final String KNOWN = ".txt, .md, .jsonl and .gz of these";

  private static final String GZIP = ".gz";

  /** The kind of a file, or empty if its name says none that is known. */
  static Optional<FileKind> of(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean gzip = name.endsWith(GZIP);
    String inner = gzip ? name.substring(0, name.length() - GZIP.length()) : name;
    if (inner.endsWith(".jsonl")) {
      return Optional.of(new FileKind(true, gzip));
    }
    return inner.endsWith(".txt") || inner.endsWith(".md")
        ? Optional.of(new FileKind(false, gzip))
        : Optional.empty();
  }
}
