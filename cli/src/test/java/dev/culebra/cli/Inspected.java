package dev.culebra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code culebra inspect} did.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record Inspected(int code, String out, String err) {

  /** Runs the command in this process. */
  static Inspected inspect(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = Stream.concat(Stream.of("inspect"), Stream.of(args)).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all);
    return new Inspected(code, out.toString(), err.toString());
  }

  /** What it writes for programs. */
  static JsonNode json(String... args) {
    String[] all = Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new);
    Inspected inspected = inspect(all);
    assertThat(inspected.code).as(inspected.err).isZero();
    assertThat(inspected.err).isEmpty();
    return JsonMapper.shared().readTree(inspected.out);
  }

  /** Strings of an array, empty where it has null. */
  static List<String> words(JsonNode array) {
    return array.valueStream().map(node -> node.isNull() ? "" : node.stringValue()).toList();
  }
}
