package dev.culebra.data.token;

import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * Some ranges of the tokens of shards, seen as one sequence. Where two ranges meet, texts meet that
 * were not neighbours: {@link #breakAfter} tells, so that nobody learns across.
 */
public final class TokenView {
  private final TokenShards shards;
  private final long[] starts;

  /** Where each range ends in this view. */
  private final long[] ends;

  /** A view of ranges {@code [starts[i], ends[i])} of the shards' tokens: none empty, ascending. */
  TokenView(TokenShards shards, long[] starts, long[] ends) {
    this.shards = shards;
    this.starts = starts.clone();
    this.ends = new long[ends.length];
    long size = 0;
    for (int i = 0; i < ends.length; i++) {
      if (starts[i] < (i == 0 ? 0 : ends[i - 1])
          || ends[i] <= starts[i]
          || ends[i] > shards.tokens()) {
        throw new IllegalArgumentException(
            Format.text("Range %d is [%d, %d)", i, starts[i], ends[i]));
      }
      size += ends[i] - starts[i];
      this.ends[i] = size;
    }
  }

  /** All tokens of the shards. */
  public static TokenView all(TokenShards shards) {
    return shards.tokens() == 0
        ? new TokenView(shards, new long[0], new long[0])
        : new TokenView(shards, new long[] {0}, new long[] {shards.tokens()});
  }

  /** How many tokens there are. */
  public long size() {
    return ends.length == 0 ? 0 : ends[ends.length - 1];
  }

  /** How many ranges there are. */
  public int ranges() {
    return ends.length;
  }

  /** Copies tokens {@code [from, from + count)} of this view to {@code target[at, at + count)}. */
  public void copy(long from, int[] target, int at, int count) {
    if (from < 0 || count < 0 || count > size() - from) {
      throw new IndexOutOfBoundsException(
          Format.text("Tokens [%d, %d) of %d", from, from + count, size()));
    }
    int done = 0;
    while (done < count) {
      long position = from + done;
      int range = rangeOf(position);
      int part = Math.toIntExact(Math.min(count - done, ends[range] - position));
      shards.copy(starts[range] + position - startInView(range), target, at + done, part);
      done += part;
    }
  }

  /** The end of the range that holds a position: the text after it does not continue this one. */
  public long breakAfter(long position) {
    return ends[rangeOf(position)];
  }

  /** How many ids the tokenizer has. */
  public int vocabularySize() {
    return shards.vocabularySize();
  }

  /** The id that ends each document. */
  public int endOfText() {
    return shards.endOfText();
  }

  private int rangeOf(long position) {
    int found = Arrays.binarySearch(ends, position);
    return found >= 0 ? found + 1 : -found - 1;
  }

  private long startInView(int range) {
    return range == 0 ? 0 : ends[range - 1];
  }
}
