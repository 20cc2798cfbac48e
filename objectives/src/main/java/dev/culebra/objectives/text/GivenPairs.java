package dev.culebra.objectives.text;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.random.Permutation;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TokenShards;
import dev.culebra.objectives.text.corruption.SourceTarget;

/**
 * Given pairs of texts from token shards, in which each pair is two documents, source and target.
 * One thread at a time.
 */
public final class GivenPairs implements Dataset {
  private final TokenShards shards;
  private final Range range;
  private final SourceTarget layout;
  private final Limits limits;
  private final boolean shuffled;
  private final long seed;

  /**
   * Some of the pairs.
   *
   * @param first the number of the first one
   * @param count how many there are
   */
  public record Range(int first, int count) {}

  /**
   * The most tokens of each side; what is longer is cut off.
   *
   * @param source of a source, without special tokens
   * @param target of a target, without special tokens
   */
  public record Limits(int source, int target) {}

  /**
   * Pairs in an order that is drawn anew for each epoch, or as they stand.
   *
   * @param layout how a pair becomes a sample
   */
  public GivenPairs(
      TokenShards shards,
      Range range,
      SourceTarget layout,
      Limits limits,
      boolean shuffled,
      long seed) {
    this.shards = shards;
    this.range = range;
    this.layout = layout;
    this.limits = limits;
    this.shuffled = shuffled;
    this.seed = seed;
  }

  @Override
  public void add(long number, PackedExamples target) {
    long place = number % range.count;
    long epoch = number / range.count;
    long index = shuffled ? Permutation.at(range.count, Mix64.of(seed, epoch), place) : place;
    long pair = range.first + index;
    target.add(layout.example(text(2 * pair, limits.source), text(2 * pair + 1, limits.target)));
  }

  private Text text(long document, int most) {
    return Text.of(tokens(shards, document, most));
  }

  /** The first tokens of a document, without the one that ends it. */
  public static int[] tokens(TokenShards shards, long document, int most) {
    long from = document == 0 ? 0 : shards.documentEnd(document - 1);
    long length = shards.documentEnd(document) - 1 - from;
    int[] ids = new int[Math.toIntExact(Math.min(most, length))];
    shards.copy(from, ids, 0, ids.length);
    return ids;
  }
}
