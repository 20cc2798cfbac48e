package dev.culebra.objectives.pairs;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Pairs on the host: N queries, their N keys, and behind these the hard negatives of all. Each side
 * lies in chunks, which are embedded one after the other.
 *
 * <p>Which other pairs are no negatives is told in two ways, neither a matrix: by equal groups, and
 * by a list of exceptions for each query, the keys that are known to fit it: the data elsewhere
 * names them as its own (a word of several meanings), or the user does.
 */
public final class PairBatch {

  /** Exceptions that there is room for, per query. */
  private static final int EXCEPTIONS = 32;

  private final int mostPairs;
  private final int hardNegatives;
  private final int chunk;
  private final int[][] known;
  private final List<EncoderBatch> left;
  private final List<EncoderBatch> right;
  private final List<EncodedPair> pairs = new ArrayList<>();
  private final int[] leftGroups;
  private final int[] rightGroups;
  private final int[] rowStarts;
  private final int[] columns;
  private int keys;
  private long negatives;

  /**
   * Room for pairs.
   *
   * @param mostPairs how many fit
   * @param hardNegatives how many of each pair are taken, at most
   * @param chunk members embedded at once; 0 for all
   * @param left makes room for so many queries
   * @param right makes room for so many keys
   * @param known for each query's number the numbers of its keys
   */
  public PairBatch(
      int mostPairs,
      int hardNegatives,
      int chunk,
      IntFunction<EncoderBatch> left,
      IntFunction<EncoderBatch> right,
      int[][] known) {
    this.mostPairs = mostPairs;
    this.hardNegatives = hardNegatives;
    int mostKeys = Math.multiplyExact(mostPairs, 1 + hardNegatives);
    this.chunk = chunk == 0 ? mostKeys : chunk;
    this.known = known;
    this.left = chunks(mostPairs, this.chunk, left);
    this.right = chunks(mostKeys, this.chunk, right);
    this.leftGroups = new int[mostPairs];
    this.rightGroups = new int[mostKeys];
    this.rowStarts = new int[mostPairs + 1];
    this.columns = new int[Math.multiplyExact(mostPairs, EXCEPTIONS)];
  }

  private static List<EncoderBatch> chunks(int most, int chunk, IntFunction<EncoderBatch> room) {
    return IntStream.range(0, Math.ceilDiv(most, chunk))
        .mapToObj(i -> room.apply(Math.min(chunk, most - i * chunk)))
        .toList();
  }

  /** Empties the batch. */
  public void begin() {
    pairs.clear();
  }

  /** Appends a pair. */
  public void add(EncodedPair pair) {
    if (pairs.size() == mostPairs) {
      throw new IllegalStateException("the batch is full: " + mostPairs + " pairs");
    }
    pairs.add(pair);
  }

  /**
   * Ends the batch.
   *
   * @throws BadInputException if queries have too many keys among the others'
   */
  public void finish() {
    List<EncodedPair.Negative> hard = hard();
    write(left, leftMembers());
    write(right, rightMembers());
    keys = pairs.size() + hard.size();
    Map<Integer, List<Integer>> places = new HashMap<>();
    for (int i = 0; i < keys; i++) {
      boolean own = i < pairs.size();
      rightGroups[i] = own ? pairs.get(i).group() : Negatives.NO_GROUP;
      int id = own ? pairs.get(i).rightId() : hard.get(i - pairs.size()).rightId();
      places.computeIfAbsent(id, _ -> new ArrayList<>()).add(i);
    }
    int count = 0;
    for (int i = 0; i < pairs.size(); i++) {
      leftGroups[i] = pairs.get(i).group();
      rowStarts[i] = count;
      count = except(i, places, count);
    }
    rowStarts[pairs.size()] = count;
    negatives = (long) pairs.size() * keys - masked() - count;
  }

  /** Cells of a query and a key of one group, their own among them. */
  private long masked() {
    Map<Integer, Integer> sizes = new HashMap<>();
    pairs.forEach(pair -> sizes.merge(pair.group(), 1, Integer::sum));
    return sizes.values().stream().mapToLong(size -> (long) size * size).sum();
  }

  private List<EncodedPair.Negative> hard() {
    return pairs.stream().flatMap(p -> p.negatives().stream().limit(hardNegatives)).toList();
  }

  /** The queries. */
  public List<EncoderInput> leftMembers() {
    return pairs.stream().map(EncodedPair::left).toList();
  }

  /** The keys, and behind them the hard negatives. */
  public List<EncoderInput> rightMembers() {
    return Stream.concat(
            pairs.stream().map(EncodedPair::right),
            hard().stream().map(EncodedPair.Negative::member))
        .toList();
  }

  private void write(List<EncoderBatch> chunks, List<EncoderInput> all) {
    chunks.forEach(EncoderBatch::begin);
    for (int i = 0; i < all.size(); i++) {
      chunks.get(i / chunk).add(all.get(i));
    }
    chunks.forEach(EncoderBatch::finish);
  }

  /** Lists the other keys in this batch that the data names as query i's. */
  private int except(int i, Map<Integer, List<Integer>> places, int from) {
    int group = pairs.get(i).group();
    int[] mine =
        Arrays.stream(known[pairs.get(i).leftId()])
            .mapToObj(id -> places.getOrDefault(id, List.of()))
            .flatMapToInt(list -> list.stream().mapToInt(Integer::intValue))
            .filter(j -> j != i && rightGroups[j] != group)
            .sorted()
            .toArray();
    if (mine.length > columns.length - from) {
      throw new BadInputException(
          Format.text(
              "A batch of %d pairs has more than %d queries whose keys are also others' keys: give"
                  + " these pairs a group (third column), remove duplicates, or shorten"
                  + " contrast.exceptions",
              pairs.size(), columns.length));
    }
    System.arraycopy(mine, 0, columns, from, mine.length);
    return from + mine.length;
  }

  /** N. */
  public int count() {
    return pairs.size();
  }

  /** The most pairs. */
  public int capacity() {
    return mostPairs;
  }

  /** Keys, hard negatives included. */
  public int keys() {
    return keys;
  }

  /** How many cells of a query and a key are negatives, those of all queries together. */
  public long negatives() {
    return negatives;
  }

  /** The queries in chunks, of which the last ones may be empty. */
  public List<EncoderBatch> left() {
    return left;
  }

  /** The keys in chunks, of which the last ones may be empty. */
  public List<EncoderBatch> right() {
    return right;
  }

  /** The group of each query. */
  public int[] leftGroups() {
    return leftGroups;
  }

  /** The group of each key; none for hard negatives. */
  public int[] rightGroups() {
    return rightGroups;
  }

  /** Where each query's exceptions begin, and where the last one's end. */
  public int[] rowStarts() {
    return rowStarts;
  }

  /** The keys that are exceptions, ascending within each query. */
  public int[] columns() {
    return columns;
  }
}
