package dev.culebra.cli;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.PairFields;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.read.TextPairs;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.objectives.pairs.PairNumbers;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A handful of pairs out of a file, as one batch.
 *
 * @param file where they stand
 * @param rows how many pairs the file has
 * @param pairs those of the batch, in the file's order
 * @param batch tells which of them are no negatives of each other
 */
record PairSample(Path file, int rows, List<TextPair> pairs, PairBatch batch) {

  /** Pairs of a batch that fits a page. */
  static final int MOST = 6;

  /** What a pair of a batch is for a query. */
  enum Cell {
    /** Its own key. */
    POSITIVE("+"),
    /** Another's key. */
    NEGATIVE("-"),
    /** Another's key that fits all the same: left out. */
    MASKED("x");

    private final String sign;

    Cell(String sign) {
      this.sign = sign;
    }

    /** As it stands in a grid. */
    String sign() {
      return sign;
    }
  }

  /**
   * Reads a file and picks a handful, two of one group among them if there are any.
   *
   * @param fields of a file of JSON lines
   * @param notes gets a sentence if rows had to be left out
   */
  static PairSample of(Path file, PairFields fields, Consumer<String> notes) {
    List<TextPair> all = new ArrayList<>();
    BadRows bad = new BadRows();
    TextPairs.of(List.of(file), fields).read(bad, all::add);
    bad.tell(notes);
    if (all.size() < 2) {
      throw new BadInputException(file + " has one pair alone, and nothing to tell it from");
    }
    List<Integer> chosen = handful(all.stream().map(PairNumbers::group).toList());
    List<TextPair> pairs = chosen.stream().map(all::get).toList();
    return new PairSample(file, all.size(), pairs, batch(all, chosen));
  }

  /** The first two of one group, the first of others, and then whatever comes first. */
  static List<Integer> handful(List<String> groups) {
    Map<String, Integer> first = new HashMap<>();
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      Integer before = first.putIfAbsent(groups.get(i), i);
      if (before == null) {
        order.add(i);
      } else if (order.size() == first.size()) { // the first twins
        order.addFirst(i);
        order.addFirst(before);
      }
    }
    IntStream.range(0, groups.size()).forEach(order::add);
    return order.stream().distinct().limit(MOST).sorted().toList();
  }

  /** A batch as it is trained on, but for the tokens. */
  private static PairBatch batch(List<TextPair> all, List<Integer> chosen) {
    PairNumbers numbers = new PairNumbers();
    EncoderInput word = new EncoderInput.Words(new int[1]);
    List<EncodedPair> encoded = new ArrayList<>();
    for (TextPair pair : all) {
      PairNumbers.Numbered n = numbers.add(pair.source(), pair);
      encoded.add(new EncodedPair(word, word, List.of(), n.group(), n.left(), n.right()));
    }
    int[][] keys = numbers.known();
    PairBatch batch = new PairBatch(chosen.size(), 0, 0, PairSample::room, PairSample::room, keys);
    batch.begin();
    chosen.forEach(i -> batch.add(encoded.get(i)));
    batch.finish();
    return batch;
  }

  private static TextBatch room(int count) {
    return new TextBatch(count, 1, Attention.WHOLE);
  }

  /** What key {@code column} is for query {@code row}. */
  Cell cell(int row, int column) {
    if (row == column) {
      return Cell.POSITIVE;
    }
    int[] starts = batch.rowStarts();
    boolean group = batch.leftGroups()[row] == batch.rightGroups()[column];
    boolean listed =
        Arrays.binarySearch(batch.columns(), starts[row], starts[row + 1], column) >= 0;
    return group || listed ? Cell.MASKED : Cell.NEGATIVE;
  }

  /** How many cells of the matrix are of a kind. */
  long count(Cell kind) {
    return IntStream.range(0, pairs.size() * pairs.size())
        .filter(i -> cell(i / pairs.size(), i % pairs.size()) == kind)
        .count();
  }
}
