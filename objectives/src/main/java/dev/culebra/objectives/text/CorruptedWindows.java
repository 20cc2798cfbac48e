package dev.culebra.objectives.text;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.batch.WindowOrder;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TokenView;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Windows of a text, corrupted and packed. A sample's draws depend on the seed, the epoch and where
 * in the text it begins, not on what is packed beside it. One thread at a time.
 */
public final class CorruptedWindows {
  private final TokenView tokens;
  private final Function<int[], Text> mark;
  private final Corruption corruption;
  private final boolean byDocument;
  private final long seed;
  private final int[] window;

  private CorruptedWindows(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      long seed) {
    this.tokens = tokens;
    this.mark = mark;
    this.corruption = corruption;
    this.byDocument = options.byDocument();
    this.seed = seed;
    this.window = new int[options.window()];
    if (!hasSample()) {
      throw new BadInputException(
          Format.text(
              "None of the text's %s stand in a %s of at least %s, which the objective needs: join"
                  + " short documents%s, or give other data by data.path",
              Format.count(tokens.size(), "tokens"),
              byDocument ? "document" : "text",
              Format.count(corruption.minimum(), "tokens"),
              byDocument ? ", set batch.packing to windowed" : ""));
    }
  }

  /** Whether there is a document long enough; the first one usually is. */
  private boolean hasSample() {
    if (!byDocument) {
      return tokens.size() >= corruption.minimum();
    }
    long run = 0;
    long end = 0;
    for (long from = 0; from < tokens.size(); from += window.length) {
      int length = Math.toIntExact(Math.min(window.length, tokens.size() - from));
      tokens.copy(from, window, 0, length);
      for (int i = 0; i < length; i++) {
        if (from + i == end) {
          end = tokens.breakAfter(end);
          run = 0;
        }
        run = window[i] == tokens.endOfText() ? 0 : run + 1;
        if (run >= corruption.minimum()) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Windows to train on, in the order of {@link WindowOrder}.
   *
   * @param mark finds words and sentences: {@code TextMarks.of(tokenizer)::text}, or {@code
   *     Text::of} where nobody asks for them
   * @param microBatches how many micro-batches one step takes
   * @throws BadInputException if the text is no longer than one window, or has no document long
   *     enough for the objective
   */
  public static TrainingBatches<PackedExamples> training(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      int microBatches,
      long seed) {
    SampledBatches.check(microBatches);
    return SampledBatches.training(
        drawn(tokens, mark, corruption, options, seed), options, microBatches);
  }

  /** As {@link #training}, sample by sample. */
  public static Dataset drawn(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      long seed) {
    if (tokens.size() <= options.window()) {
      throw new BadInputException(
          Format.text(
              "The training text has %s, no more than one window of %d: give more text or shorter"
                  + " windows",
              Format.count(tokens.size(), "tokens"), options.window()));
    }
    CorruptedWindows windows = new CorruptedWindows(tokens, mark, corruption, options, seed);
    WindowOrder order = new WindowOrder(tokens.size(), options.window(), seed, corruption::drawnIn);
    return (number, target) ->
        windows.pack(order.start(number), options.window(), order.epoch(number), target);
  }

  /** All windows of a held-out text, in order; the last one may be shorter. */
  public static EvaluationBatches<PackedExamples> heldOut(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      long seed) {
    return SampledBatches.heldOut(
        inOrder(tokens, mark, corruption, options, seed), count(tokens, options), options);
  }

  /** As {@link #heldOut}, sample by sample: there are {@link #count} of them. */
  public static Dataset inOrder(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      long seed) {
    CorruptedWindows windows = new CorruptedWindows(tokens, mark, corruption, options, seed);
    long length = options.window();
    return (number, target) -> {
      long from = number * length;
      int rows = Math.toIntExact(Math.min(length, tokens.size() - from));
      windows.pack(from, rows, 0, target);
    };
  }

  /** How many windows a held-out text has. */
  public static long count(TokenView tokens, PackedOptions options) {
    return Math.ceilDiv(tokens.size(), (long) options.window());
  }

  /** Packs the parts of one window, leaving out those too short for the objective. */
  private void pack(long from, int length, long epoch, PackedExamples target) {
    tokens.copy(from, window, 0, length);
    int start = 0;
    while (start < length) {
      int end = byDocument ? documentEnd(from, start, length) : length;
      boolean ended = byDocument && window[end - 1] == tokens.endOfText();
      int[] part = Arrays.copyOfRange(window, start, ended ? end - 1 : end);
      if (part.length >= corruption.minimum()) {
        target.add(corruption.sample(mark.apply(part), seed, epoch, from + start));
      }
      start = end;
    }
  }

  /** One past the last token of the window's document that holds token {@code start}. */
  private int documentEnd(long from, int start, int length) {
    long jump = Math.min(length, tokens.breakAfter(from + start) - from);
    for (int i = start; i < jump; i++) {
      if (window[i] == tokens.endOfText()) {
        return i + 1;
      }
    }
    return Math.toIntExact(jump);
  }
}
