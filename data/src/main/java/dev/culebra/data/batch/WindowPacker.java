package dev.culebra.data.batch;

import dev.culebra.data.batch.CausalOptions.Scope;
import dev.culebra.data.token.TokenView;

/**
 * Turns a window of {@code rows + 1} tokens into {@code rows} rows of causal language modelling:
 * row i has token i as input and token i+1 as label.
 *
 * <p>A token that ends a document belongs to the document it ends; after it, and where the view
 * jumps in the text, another document starts. As in Megatron's {@code reset_position_ids}, {@code
 * reset_attention_mask} and {@code eod_mask_loss}: see {@link Scope#DOCUMENT}. Across a jump of the
 * view nothing is ever asked. One thread at a time.
 */
final class WindowPacker {
  private final TokenView tokens;
  private final CausalOptions options;
  private final int[] window;

  WindowPacker(TokenView tokens, CausalOptions options) {
    this.tokens = tokens;
    this.options = options;
    this.window = new int[Math.addExact(options.context(), 1)];
  }

  /** Appends the rows of tokens {@code [from, from + rows]} to a batch. */
  void pack(long from, int rows, Batch target) {
    tokens.copy(from, window, 0, rows + 1);
    long jump = tokens.breakAfter(from) - from;
    int segment = target.rows();
    int first = target.rows();
    target.beginSegment();
    for (int i = 0; i < rows; i++) {
      int row = first + i;
      target.add(window[i], row - segment, segment, row + 1, label(i, jump));
      boolean jumps = i + 1 == jump;
      if (jumps) {
        jump = tokens.breakAfter(from + i + 1) - from;
      }
      boolean ends = jumps || window[i] == tokens.endOfText();
      if (ends && options.scope() == Scope.DOCUMENT && i + 1 < rows) {
        segment = row + 1;
        target.beginSegment();
      }
    }
  }

  private int label(int i, long jump) {
    boolean across = window[i] == tokens.endOfText() && !options.labelAcrossDocuments();
    return across || i + 1 == jump ? Batch.IGNORE : window[i + 1];
  }
}
