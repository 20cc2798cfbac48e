package dev.culebra.operations.rows;

import dev.culebra.operations.harness.Draw;
import java.util.ArrayList;
import java.util.List;

/** Sizes at which loops over rows and lanes go wrong: around powers of two, odd, one, none. */
final class Tails {

  static final List<Integer> WIDTHS =
      List.of(1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129);

  private static final List<Integer> ROWS = List.of(1, 2, 3, 5, 7);

  /**
   * A set of switches; all combinations of the first four turn up, each width sees each both ways.
   */
  record Options(int bits) {
    Options opposite() {
      return new Options(~bits);
    }

    boolean on(int bit) {
      return (bits >> bit & 1) == 1;
    }
  }

  /** Makes a shape of a row count, a width and options. */
  interface OfRows<S> {
    S make(int rows, int cols, Options options);
  }

  /** Makes a shape of a length and options. */
  interface OfLength<S> {
    S make(int length, Options options);
  }

  private Tails() {}

  /** A few rows of every width, twice; no rows, and some sizes nobody thought of. */
  static <S> List<S> rows(Draw draw, OfRows<S> shape) {
    List<S> shapes = new ArrayList<>();
    int bits = draw.between(0, 15);
    for (int width : WIDTHS) {
      Options options = new Options(bits++);
      shapes.add(shape.make(draw.one(ROWS), width, options));
      shapes.add(shape.make(draw.one(ROWS), width, options.opposite()));
    }
    shapes.add(shape.make(0, draw.one(WIDTHS), new Options(bits++)));
    shapes.add(shape.make(0, draw.one(WIDTHS), new Options(bits++)));
    for (int i = 0; i < 4; i++) {
      shapes.add(shape.make(draw.between(1, 20), draw.between(1, 200), new Options(bits++)));
    }
    return shapes;
  }

  /** Many rows, and a few very long ones. */
  static <S> List<S> largeRows(Draw draw, OfRows<S> shape) {
    int bits = draw.between(0, 15);
    return List.of(
        shape.make(draw.between(600, 1200), 65, new Options(bits)),
        shape.make(draw.between(200, 400), 257, new Options(bits + 7)),
        shape.make(draw.between(1, 3), draw.between(3000, 9000), new Options(bits + 13)));
  }

  /** Every width as a length, twice; none, and some lengths nobody thought of. */
  static <S> List<S> lengths(Draw draw, OfLength<S> shape) {
    return rows(draw, (rows, cols, options) -> shape.make(rows == 0 ? 0 : cols, options));
  }

  /** A length that is shared by threads. */
  static <S> List<S> largeLengths(Draw draw, OfLength<S> shape) {
    int bits = draw.between(0, 15);
    return List.of(
        shape.make(draw.between(20_000, 40_000), new Options(bits)),
        shape.make(draw.between(300_000, 500_000), new Options(bits + 7)));
  }
}
