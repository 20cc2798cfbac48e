package dev.culebra.data.batch;

import dev.culebra.data.token.TokenView;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * All windows of a held-out text, in order, {@code context} tokens apart: every token but the first
 * is the label of one row, once, unless it starts a document (see {@link CausalOptions}). The last
 * batch is padded. One thread at a time.
 */
public final class HeldOutWindows implements EvaluationBatches<Batch> {
  private final CausalOptions options;
  private final TokenView tokens;
  private final WindowPacker packer;
  private final long windows;

  /**
   * Windows of {@code tokens}.
   *
   * @throws BadInputException if there are fewer than two tokens
   */
  public HeldOutWindows(TokenView tokens, CausalOptions options) {
    if (tokens.size() < 2) {
      throw new BadInputException(
          Format.text(
              "The held-out text has %s: at least two are needed to score one",
              Format.count(tokens.size(), "tokens")));
    }
    this.options = options;
    this.tokens = tokens;
    this.packer = new WindowPacker(tokens, options);
    this.windows = Math.ceilDiv(tokens.size() - 1, (long) options.context());
  }

  @Override
  public Batch newBatch() {
    return new Batch(options.sequences(), options.context());
  }

  @Override
  public long batches() {
    return Math.ceilDiv(windows, (long) options.sequences());
  }

  @Override
  public void fill(long index, Batch target) {
    if (index < 0 || index >= batches()) {
      throw new IndexOutOfBoundsException(Format.text("Batch %d of %d", index, batches()));
    }
    target.begin();
    long first = index * options.sequences();
    long last = Math.min(windows, first + options.sequences());
    for (long window = first; window < last; window++) {
      long from = window * options.context();
      long rows = Math.min(options.context(), tokens.size() - 1 - from);
      packer.pack(from, Math.toIntExact(rows), target);
    }
    target.pad(tokens.endOfText(), target.capacity() - target.rows());
    target.finish();
  }
}
