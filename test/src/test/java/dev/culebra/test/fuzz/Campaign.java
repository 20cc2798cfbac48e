package dev.culebra.test.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Tries one parser in this JVM: {@code NAME INPUTS SEED FOLDER}. Prints defects as they come, the
 * row of the table last; ends with 0, with 1 after defects, with {@value #HANGS} if one input takes
 * more than twice the time that is allowed. An input that ends the process itself is left in
 * FOLDER.
 */
final class Campaign {
  /** How the process ends where an input does not. */
  static final int HANGS = 9;

  private Campaign() {}

  public static void main(String[] args) throws IOException {
    Parser parser = Parsers.named(args[0]);
    Trial trial = new Trial(parser, Path.of(args[3], parser.name()));
    watch(trial, Thread.currentThread());
    trial.mutate(Long.parseLong(args[1]), new SplittableRandom(Long.parseLong(args[2])));
    System.out.println(trial.row());
    System.exit(trial.defects().isEmpty() ? 0 : 1);
  }

  /** Ends the process when an input takes too long, and says where it was. */
  static void watch(Trial trial, Thread worker) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (true) {
                try {
                  Thread.sleep(500);
                } catch (InterruptedException e) {
                  return;
                }
                if (trial.runningMs() > 2 * Trial.LONGEST_MS) {
                  System.out.println("an input does not end:");
                  for (StackTraceElement frame : worker.getStackTrace()) {
                    System.out.println("    at " + frame);
                  }
                  Runtime.getRuntime().halt(HANGS);
                }
              }
            });
  }
}
