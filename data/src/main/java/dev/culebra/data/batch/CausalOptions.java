package dev.culebra.data.batch;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * How windows of text become a batch for causal language modelling.
 *
 * @param sequences windows per micro-batch
 * @param context rows per window; a window reads {@code context + 1} tokens
 * @param scope what a row may see
 * @param labelAcrossDocuments whether the token that ends a document is asked for the first token
 *     of the next one
 */
public record CausalOptions(int sequences, int context, Scope scope, boolean labelAcrossDocuments) {

  /** What a row may see of its window. */
  public enum Scope {
    /** Its own document: attention and positions start again with each document ("packed"). */
    DOCUMENT,
    /** All of the window before it, other documents included ("windowed"). */
    WINDOW
  }

  /** Checks the sizes. */
  public CausalOptions {
    if (sequences < 1 || context < 1 || (long) sequences * context > 1 << 30) {
      throw new BadInputException(
          Format.text(
              "A batch of %d sequences of %d tokens is impossible: both must be at least 1, their"
                  + " product at most %d",
              sequences, context, 1 << 30));
    }
  }

  /** Packed documents, nothing asked across them. */
  public static CausalOptions packed(int sequences, int context) {
    return new CausalOptions(sequences, context, Scope.DOCUMENT, false);
  }
}
