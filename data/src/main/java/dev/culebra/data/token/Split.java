package dev.culebra.data.token;

import dev.culebra.data.random.Mix64;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * Training and held-out tokens. They share no token, so no window of one shows the other.
 *
 * <p>Documents are held out by a hash of (seed, index of the document). Where that misses the
 * fraction by more than a factor of two (few documents, or one long one, such as a book),
 * contiguous blocks are held out instead: the text is cut into up to {@value #MOST_BLOCKS} equal
 * stretches and one block is taken from each, at a place drawn from the seed.
 *
 * @param train what to learn from
 * @param validation what to evaluate on
 * @param how how the two were parted, in words
 */
public record Split(TokenView train, TokenView validation, String how) {
  private static final int MOST_BLOCKS = 8;

  /** A block is at least this many contexts long before there is a second block. */
  private static final int CONTEXTS_PER_BLOCK = 16;

  private static final long BY_DOCUMENT = 1;
  private static final long BY_BLOCK = 2;

  /**
   * Parts the tokens.
   *
   * @param fraction how much to hold out, above 0 and below 1
   * @param context how many tokens a window has; each side gets at least that many and the next one
   * @throws BadInputException if the fraction is out of range or the text too short
   */
  public static Split of(TokenShards shards, double fraction, long seed, int context) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new BadInputException(
          "The held-out fraction is " + fraction + ": it must be above 0 and below 1");
    }
    long window = context + 1L;
    if (shards.tokens() < 2 * window) {
      throw new BadInputException(
          Format.text(
              "The text has %s, but a context of %d needs at least %d, half of them to hold out:"
                  + " give more text or a shorter context",
              Format.count(shards.tokens(), "tokens"), context, 2 * window));
    }
    Split byDocument = byDocument(shards, fraction, seed);
    double share = (double) byDocument.validation.size() / shards.tokens();
    boolean close = share >= fraction / 2 && share <= Math.min(2 * fraction, (1 + fraction) / 2);
    return close && byDocument.validation.size() >= window && byDocument.train.size() >= window
        ? byDocument
        : byBlock(shards, fraction, seed, window);
  }

  private static Split byDocument(TokenShards shards, double fraction, long seed) {
    Ranges train = new Ranges();
    Ranges validation = new Ranges();
    long documents = shards.documents();
    long held = 0;
    long start = 0;
    for (long document = 0; document < documents; document++) {
      long end = shards.documentEnd(document);
      boolean holdOut = Mix64.unit(Mix64.of(seed, BY_DOCUMENT, document)) < fraction;
      (holdOut ? validation : train).add(start, end);
      held += holdOut ? 1 : 0;
      start = end;
    }
    return new Split(
        train.of(shards),
        validation.of(shards),
        Format.text("%d of %s held out", held, Format.count(documents, "documents")));
  }

  private static Split byBlock(TokenShards shards, double fraction, long seed, long window) {
    long tokens = shards.tokens();
    long wanted = Math.round(fraction * tokens);
    long held = Math.clamp(wanted, window, tokens - window);
    int blocks = Math.toIntExact(Math.clamp(held / (CONTEXTS_PER_BLOCK * window), 1, MOST_BLOCKS));
    long length = held / blocks;
    Ranges train = new Ranges();
    Ranges validation = new Ranges();
    for (int b = 0; b < blocks; b++) {
      long from = tokens / blocks * b;
      long to = b + 1 == blocks ? tokens : tokens / blocks * (b + 1);
      long start = from + Mix64.below(Mix64.of(seed, BY_BLOCK, b), to - from - length + 1);
      train.add(from, start);
      validation.add(start, start + length);
      train.add(start + length, to);
    }
    return new Split(
        train.of(shards),
        validation.of(shards),
        Format.text(
            "%s of %s held out", Format.count(blocks, "blocks"), Format.count(length, "tokens")));
  }

  /** Ranges in ascending order; empty ones vanish and those that touch become one. */
  private static final class Ranges {
    private long[] starts = new long[16];
    private long[] ends = new long[16];
    private int size;

    void add(long start, long end) {
      if (start == end) {
        return;
      }
      if (size > 0 && ends[size - 1] == start) {
        ends[size - 1] = end;
        return;
      }
      if (size == starts.length) {
        starts = Arrays.copyOf(starts, Math.multiplyExact(size, 2));
        ends = Arrays.copyOf(ends, starts.length);
      }
      starts[size] = start;
      ends[size++] = end;
    }

    TokenView of(TokenShards shards) {
      return new TokenView(shards, Arrays.copyOf(starts, size), Arrays.copyOf(ends, size));
    }
  }
}
