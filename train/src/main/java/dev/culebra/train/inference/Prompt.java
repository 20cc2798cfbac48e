package dev.culebra.train.inference;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * What a model reads before it writes.
 *
 * @param source what an encoder reads; null where there is none
 * @param begun what a decoder has before it: the prompt, or what its output begins with
 * @param visible how many of those rows see each other in both directions, from the first on
 * @param continues whether the output continues the prompt's text
 */
public record Prompt(int[] source, int[] begun, int visible, boolean continues) {

  /** A text to continue by a causal decoder. */
  static Prompt causal(int[] ids) {
    return new Prompt(null, ids, 0, true);
  }

  /** A text whose rows all see each other, to continue by a decoder. */
  static Prompt prefix(int[] ids, boolean continues) {
    return new Prompt(null, ids, ids.length, continues);
  }

  /** A text to read by an encoder, and what the output begins with. */
  public static Prompt source(int[] ids, int... begun) {
    return new Prompt(ids, begun, 0, false);
  }

  /**
   * Tokens that a model has positions for.
   *
   * @throws BadInputException if there are more
   */
  static int[] fitting(int[] ids, int context) {
    if (ids.length > context) {
      throw new BadInputException(
          Format.text(
              "the prompt takes %s, but the model has %s: give a shorter one",
              Format.count(ids.length, "tokens"), Format.count(context, "positions")));
    }
    return ids;
  }
}
