package dev.culebra.data.batch;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.random.Permutation;
import java.util.function.LongUnaryOperator;

/**
 * Which window of a text the n-th sample is.
 *
 * <p>An epoch lays a grid of windows, {@code context} tokens apart, over the text from a start
 * drawn for that epoch, so that the cuts fall elsewhere each time; then it visits them in a
 * pseudo-random order. Sample n is window {@code order(epoch, n mod windows)} with {@code epoch = n
 * / windows}. Where samples are drawn a few times for good, epochs that share their draws share the
 * start, and so have the same windows in another order.
 */
public final class WindowOrder {
  private static final long START = 1;
  private static final long ORDER = 2;

  private final int context;
  private final long seed;
  private final long windows;
  private final long starts;
  private final LongUnaryOperator drawnIn;

  /** Windows over a text of {@code size} tokens, more than {@code context}. */
  public WindowOrder(long size, int context, long seed) {
    this(size, context, seed, LongUnaryOperator.identity());
  }

  /**
   * The same for samples that are drawn a few times for good.
   *
   * @param drawnIn the epoch whose draws an epoch uses
   */
  public WindowOrder(long size, int context, long seed, LongUnaryOperator drawnIn) {
    this.context = context;
    this.seed = seed;
    this.drawnIn = drawnIn;
    // One window less than would fit, so that the start may move over at least a whole context.
    this.windows = Math.max(1, (size - context) / context);
    this.starts = size - windows * context;
  }

  /** How many windows an epoch has. */
  public long windows() {
    return windows;
  }

  /** The epoch of a sample. */
  public long epoch(long sample) {
    return sample / windows;
  }

  /** The first token of a sample's window; a token follows the window's last one. */
  public long start(long sample) {
    long epoch = epoch(sample);
    long start = Mix64.below(Mix64.of(seed, START, drawnIn.applyAsLong(epoch)), starts);
    long window = Permutation.at(windows, Mix64.of(seed, ORDER, epoch), sample % windows);
    return start + window * context;
  }
}
