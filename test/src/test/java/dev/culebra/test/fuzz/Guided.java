package dev.culebra.test.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What Jazzer calls: it changes bytes towards code that was not reached yet. The parser and a
 * folder are given as {@code culebra.fuzz.parser} and {@code culebra.fuzz.folder}. Defects are
 * counted, not thrown, so that one does not end the search.
 */
public final class Guided {
  private static Parser parser;
  private static Trial trial;

  private Guided() {}

  /** Fills the folder; Jazzer calls it once. */
  public static void fuzzerInitialize() throws IOException {
    parser = Parsers.named(System.getProperty("culebra.fuzz.parser"));
    trial = new Trial(parser, Path.of(System.getProperty("culebra.fuzz.folder"), parser.name()));
    Campaign.watch(trial, Thread.currentThread());
  }

  /** Tries one input. */
  public static void fuzzerTestOneInput(byte[] input) {
    trial.attempt(parser.form().sealed(input));
  }

  /** Prints the row of the table. */
  public static void fuzzerTearDown() {
    System.out.println(trial.row());
  }

  /** Writes the sound files of a parser, from which the search begins. */
  static Path seeds(Parser parser, Path folder) throws IOException {
    Path corpus = Files.createDirectories(folder.resolve(parser.name() + "-seeds"));
    Trial sound = new Trial(parser, folder.resolve(parser.name() + "-sound"));
    for (int i = 0; i < sound.seeds().size(); i++) {
      Files.write(corpus.resolve("seed-" + i), sound.seeds().get(i));
    }
    return corpus;
  }
}
