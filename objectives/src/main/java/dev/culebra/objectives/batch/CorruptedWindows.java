package dev.culebra.objectives.batch;

import dev.culebra.objectives.corruption.Corruption;
import dev.culebra.objectives.corruption.Text;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.runtime.BadInputException;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Windows of a text, corrupted and packed. The order of windows is that of {@link WindowOrder}; a
 * sample's draws depend on the seed, the epoch and where in the text it begins, not on what is
 * packed beside it. One thread at a time.
 */
public final class CorruptedWindows implements PackedSource {
  private final TokenView tokens;
  private final Function<int[], Text> mark;
  private final Corruption corruption;
  private final PackedOptions options;
  private final int microBatches;
  private final long seed;
  private final WindowOrder order;
  private final int[] window;

  /**
   * Windows of {@code tokens}.
   *
   * @param mark finds words and sentences: {@code TextMarks.of(tokenizer)::text}, or {@code
   *     Text::of} where nobody asks for them
   * @param microBatches how many micro-batches one step takes
   * @throws BadInputException if the text is no longer than one window
   */
  public CorruptedWindows(
      TokenView tokens,
      Function<int[], Text> mark,
      Corruption corruption,
      PackedOptions options,
      int microBatches,
      long seed) {
    if (microBatches < 1) {
      throw new BadInputException("A step needs at least one micro-batch, not " + microBatches);
    }
    if (tokens.size() <= options.window()) {
      throw new BadInputException(
          "The training text has %d tokens, no more than one window of %d: give more text or shorter windows"
              .formatted(tokens.size(), options.window()));
    }
    this.tokens = tokens;
    this.mark = mark;
    this.corruption = corruption;
    this.options = options;
    this.microBatches = microBatches;
    this.seed = seed;
    this.order = new WindowOrder(tokens.size(), options.window(), seed);
    this.window = new int[options.window()];
  }

  @Override
  public PackedExamples newBatch() {
    return new PackedExamples(options.examples(), options.encoderRows(), options.decoderRows());
  }

  @Override
  public int microBatches() {
    return microBatches;
  }

  @Override
  public int fill(long step, int microBatch, PackedExamples target) {
    if (step < 0 || microBatch < 0 || microBatch >= microBatches) {
      throw new IndexOutOfBoundsException(
          "Step %d, micro-batch %d of %d".formatted(step, microBatch, microBatches));
    }
    target.begin();
    long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
    long first = Math.multiplyExact(batch, options.sequences());
    int left = 0;
    for (int i = 0; i < options.sequences(); i++) {
      left += pack(first + i, target);
    }
    target.finish(options.pad());
    return left;
  }

  /** Packs the parts of one window, leaving out those too short for the objective. */
  private int pack(long sample, PackedExamples target) {
    long from = order.start(sample);
    tokens.copy(from, window, 0, window.length);
    int left = 0;
    int start = 0;
    while (start < window.length) {
      int end = options.byDocument() ? documentEnd(from, start) : window.length;
      boolean ended = options.byDocument() && window[end - 1] == tokens.endOfText();
      int[] part = Arrays.copyOfRange(window, start, ended ? end - 1 : end);
      if (part.length >= corruption.minimum()) {
        long place = from + start;
        boolean fits =
            target.add(corruption.sample(mark.apply(part), seed, order.epoch(sample), place));
        left += fits ? 0 : 1;
      }
      start = end;
    }
    return left;
  }

  /** One past the last token of the window's document that holds token {@code start}. */
  private int documentEnd(long from, int start) {
    long jump = Math.min(window.length, tokens.breakAfter(from + start) - from);
    for (int i = start; i < jump; i++) {
      if (window[i] == tokens.endOfText()) {
        return i + 1;
      }
    }
    return Math.toIntExact(jump);
  }
}
