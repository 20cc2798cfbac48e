package dev.culebra.test.fuzz;

import java.util.List;
import java.util.stream.Stream;

/**
 * Everything in the program that reads what comes from outside, one row each. Whoever adds a reader
 * adds a row.
 */
final class Parsers {
  private static final List<Parser> ALL =
      Stream.of(TokenizerParsers.all(), ModelParsers.all(), DataParsers.all(), RunParsers.all())
          .flatMap(List::stream)
          .toList();

  private Parsers() {}

  static List<Parser> all() {
    return ALL;
  }

  static Parser named(String name) {
    return ALL.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
  }
}
