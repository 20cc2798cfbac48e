package dev.culebra.test.fuzz;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Gives a parser inputs, one after the other, and counts what becomes of them. An input is accepted
 * or refused by a {@link BadInputException}, which the command line prints as one sentence; all
 * else is a defect: another exception, an error, a sentence of several lines, more than {@link
 * #LONGEST_MS}.
 */
final class Trial {
  static final long LONGEST_MS = 5000;
  private static final int MOST_KINDS = 25;

  private final Parser parser;
  private final Path folder;
  private final Path file;
  private final List<byte[]> seeds = new ArrayList<>();
  private final TreeMap<String, Integer> defects = new TreeMap<>();
  private volatile long began;
  private long inputs;
  private long accepted;
  private long slowest;

  /**
   * Fills the folder.
   *
   * @throws IOException if it cannot be filled
   * @throws BadInputException if the parser refuses the sound file
   */
  Trial(Parser parser, Path folder) throws IOException {
    this.parser = parser;
    this.folder = Files.createDirectories(folder);
    this.file = folder.resolve(parser.file());
    parser.place().fill(folder);
    seeds.add(Files.readAllBytes(file));
    seeds.addAll(parser.seeds());
    for (byte[] seed : seeds) {
      Files.write(file, seed);
      Notes.to(
          _ -> {},
          () -> {
            parser.reading().read(folder);
            return null;
          });
    }
  }

  /** Sound files. */
  List<byte[]> seeds() {
    return seeds;
  }

  /** Tries files that are like sound ones. */
  void mutate(long count, RandomGenerator random) {
    for (long i = 0; i < count && defects.size() < MOST_KINDS; i++) {
      attempt(parser.form().mutate(seeds.get(random.nextInt(seeds.size())), random));
    }
  }

  /**
   * Tries one file.
   *
   * @return the defect that it shows, or an empty text
   */
  String attempt(byte[] input) {
    inputs++;
    String defect = "";
    try {
      Files.write(file, input);
      began = System.nanoTime();
      try {
        Notes.to(
            note -> checkLine("a note", note),
            () -> {
              parser.reading().read(folder);
              return null;
            });
        accepted++;
      } finally {
        long ms = (System.nanoTime() - began) / 1_000_000;
        began = 0;
        slowest = Math.max(slowest, ms);
        if (ms > LONGEST_MS) {
          defect = found("slow", "it took " + ms + " ms", input);
        }
      }
    } catch (BadInputException e) {
      String flaw = flaw(e.getMessage());
      if (!flaw.isEmpty()) {
        defect = found("sentence", flaw + ": " + e.getMessage(), input);
      }
    } catch (Exception | Error e) {
      defect = found(kind(e), trace(e), input);
    }
    return defect;
  }

  /** How long the running input has taken so far; 0 if none runs. */
  long runningMs() {
    long start = began;
    return start == 0 ? 0 : (System.nanoTime() - start) / 1_000_000;
  }

  /** Each kind of defect with how often it came. */
  TreeMap<String, Integer> defects() {
    return defects;
  }

  private static void checkLine(String what, String text) {
    String flaw = flaw(text);
    if (!flaw.isEmpty()) {
      throw new IllegalStateException(what + " " + flaw + ": " + text);
    }
  }

  private static String flaw(String sentence) {
    if (sentence == null || sentence.isBlank()) {
      return "says nothing";
    }
    return sentence.codePoints().anyMatch(Character::isISOControl) ? "has control characters" : "";
  }

  /** Where something was thrown, in the program's own words: the nearest places of its code. */
  private static String kind(Throwable e) {
    return e.getClass().getSimpleName()
        + Arrays.stream(e.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("dev.culebra."))
            .filter(frame -> !frame.getClassName().startsWith("dev.culebra.test."))
            .limit(2)
            .map(
                frame ->
                    "-"
                        + frame.getClassName().replaceFirst(".*\\.", "")
                        + "."
                        + frame.getMethodName()
                        + "."
                        + frame.getLineNumber())
            .reduce("", String::concat)
            .replaceAll("[^A-Za-z0-9.-]", "_");
  }

  private static String trace(Throwable e) {
    StringWriter text = new StringWriter();
    e.printStackTrace(new PrintWriter(text, true));
    return text.toString().lines().limit(25).reduce("", (a, b) -> a + "\n    " + b);
  }

  /** Keeps the first input of a kind beside the folder, and says what happened. */
  private String found(String kind, String what, byte[] input) {
    if (defects.merge(kind, 1, Integer::sum) == 1) {
      Path kept = folder.resolveSibling(parser.name() + "-" + kind + ".input");
      try {
        Files.write(kept, input);
      } catch (IOException e) {
        kept = null;
      }
      String line = parser.name() + ": " + kind + ", kept as " + kept + ": " + what;
      System.out.println(line.replaceAll("[^\\p{Print}\n]", "?"));
    }
    return kind + ": " + what;
  }

  /** The row of the table. */
  String row() {
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum();
    long other = defects.values().stream().mapToLong(count -> count).sum();
    return "| "
        + String.join(
            " | ",
            parser.name(),
            Format.text("%,d", inputs),
            Format.text("%,d", accepted),
            Format.text("%,d", inputs - accepted - other),
            Format.text("%,d", other),
            Format.text("%,d", slowest),
            Format.text("%,d", peak >> 20))
        + " |";
  }
}
