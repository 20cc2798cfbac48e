package dev.culebra.test.cli;

import dev.culebra.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * What a command line did.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record Outcome(int code, String out, String err) {

  /** Runs a command line in this process. */
  static Outcome of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** The lines of standard error that begin with {@code culebra:}. */
  String complaint() {
    return err.lines().filter(line -> line.startsWith("culebra: ")).reduce("", String::concat);
  }
}
