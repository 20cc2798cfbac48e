package dev.culebra.operations.rows;

import dev.culebra.operations.harness.Draw;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Which keys each query may see, in every way that the design knows: one interval per query, both
 * ends non-decreasing, and [e, e) with e the end before it for a query that sees nothing.
 */
final class Patterns {

  /** Keys {@code start} to {@code end}, the latter excluded. */
  record Interval(int start, int end) {}

  /**
   * One interval for each query.
   *
   * @param name for people
   * @param intervals one per query
   * @param keys number of keys
   */
  record Pattern(String name, List<Interval> intervals, int keys) {
    int queries() {
      return intervals.size();
    }

    double[] starts() {
      return intervals.stream().mapToDouble(Interval::start).toArray();
    }

    double[] ends() {
      return intervals.stream().mapToDouble(Interval::end).toArray();
    }

    @Override
    public String toString() {
      return name + " " + queries() + " x " + keys;
    }
  }

  private Patterns() {}

  /** All patterns, for about {@code n} queries each. */
  static List<Pattern> all(int n, Draw draw) {
    int window = draw.between(1, n + 1);
    int prefix = draw.between(1, n);
    List<Document> documents = documents(n, draw);
    return List.of(
        one("causal", n, i -> new Interval(0, i + 1)),
        one("bidirectional", n, i -> new Interval(0, n)),
        one("prefix", n, i -> new Interval(0, Math.max(prefix, i + 1))),
        one("causal window", n, i -> new Interval(Math.max(0, i - window + 1), i + 1)),
        packed("packed causal", documents, (d, i) -> new Interval(d.start, i + 1)),
        packed("packed bidirectional", documents, (d, i) -> new Interval(d.start, d.end)),
        packed(
            "packed prefix",
            documents,
            (d, i) -> new Interval(d.start, Math.max(Math.min(d.start + prefix, d.end), i + 1))),
        packed(
            "local window",
            documents,
            (d, i) -> new Interval(Math.max(d.start, i - window), Math.min(d.end, i + window + 1))),
        padded(n, draw),
        packedWithPadding(n, draw),
        cross(n, draw),
        new Pattern("one query", List.of(new Interval(0, n)), n),
        new Pattern("nothing", List.of(new Interval(0, 0), new Interval(0, 0)), n),
        new Pattern("no keys", List.of(new Interval(0, 0), new Interval(0, 0)), 0),
        new Pattern("no queries", List.of(), n),
        any(n, draw));
  }

  private static Pattern one(String name, int n, IntFunction<Interval> seen) {
    List<Interval> intervals = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      intervals.add(seen.apply(i));
    }
    return new Pattern(name, intervals, n);
  }

  private record Document(int start, int end) {}

  private interface Seen {
    Interval of(Document document, int row);
  }

  private static List<Document> documents(int n, Draw draw) {
    List<Document> documents = new ArrayList<>();
    for (int start = 0; start < n; ) {
      int end = draw.between(start + 1, n);
      documents.add(new Document(start, end));
      start = end;
    }
    return documents;
  }

  private static Pattern packed(String name, List<Document> documents, Seen seen) {
    List<Interval> intervals = new ArrayList<>();
    for (Document document : documents) {
      for (int i = document.start; i < document.end; i++) {
        intervals.add(seen.of(document, i));
      }
    }
    return new Pattern(name, intervals, intervals.size());
  }

  /** Three sequences of one capacity, filled to different lengths: gaps that nobody sees. */
  private static Pattern padded(int n, Draw draw) {
    int capacity = n / 3 + 1;
    List<Interval> intervals = new ArrayList<>();
    for (int sequence = 0; sequence < 3; sequence++) {
      int start = sequence * capacity;
      int end = start + draw.between(1, capacity);
      for (int i = 0; i < capacity; i++) {
        intervals.add(new Interval(start, end));
      }
    }
    return new Pattern("padded", intervals, 3 * capacity);
  }

  /** Causal documents, then rows of padding that see nothing. */
  private static Pattern packedWithPadding(int n, Draw draw) {
    List<Interval> intervals = new ArrayList<>();
    for (Document document : documents(n, draw)) {
      for (int i = document.start; i < document.end; i++) {
        intervals.add(new Interval(document.start, i + 1));
      }
    }
    for (int i = draw.between(1, 20); i > 0; i--) {
      intervals.add(new Interval(n, n));
    }
    return new Pattern("packed with padding", intervals, intervals.size());
  }

  /** Each document's queries see all of its source, which may be empty. */
  private static Pattern cross(int n, Draw draw) {
    List<Interval> intervals = new ArrayList<>();
    int keys = 0;
    for (Document document : documents(n, draw)) {
      int end = keys + draw.between(0, 12);
      for (int i = document.start; i < document.end; i++) {
        intervals.add(new Interval(keys, end));
      }
      keys = end;
    }
    return new Pattern("cross", intervals, keys);
  }

  /** Anything that the rules allow. */
  private static Pattern any(int n, Draw draw) {
    int keys = draw.between(1, 2 * n);
    List<Interval> intervals = new ArrayList<>();
    int start = 0;
    int end = 0;
    for (int i = 0; i < n; i++) {
      int next = Math.min(keys, start + draw.between(0, 3));
      int last = Math.clamp(Math.max(end, next) + draw.between(0, 5), 0, keys);
      if (next >= last || draw.chance(0.1)) {
        intervals.add(new Interval(end, end));
        start = end;
      } else {
        intervals.add(new Interval(next, last));
        start = next;
        end = last;
      }
    }
    return new Pattern("any", intervals, keys);
  }
}
