package dev.culebra.cli;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Colours finished lines for a terminal: special tokens stand out, grids step back. */
final class Paint {
  private static final String SPECIAL = "\u001B[1;33m";
  private static final String SEEN = "\u001B[36m";
  private static final String FAINT = "\u001B[2m";
  private static final String PLAIN = "\u001B[0m";

  private final Pattern painted;

  /** Colours these words wherever they stand. */
  Paint(List<String> specialTokens) {
    String words = specialTokens.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    this.painted = Pattern.compile("(?<special>" + words + ")|(?<seen>[■ ]*■)|(?<faint>[· ]*·)");
  }

  List<String> lines(List<String> lines) {
    return lines.stream().map(this::line).toList();
  }

  private String line(String line) {
    return painted
        .matcher(line)
        .replaceAll(found -> Matcher.quoteReplacement(colour(found) + found.group() + PLAIN));
  }

  private static String colour(MatchResult found) {
    if (found.group("special") != null) {
      return SPECIAL;
    }
    return found.group("seen") != null ? SEEN : FAINT;
  }
}
