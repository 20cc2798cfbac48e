package dev.culebra.objectives.data;

import dev.culebra.objectives.batch.Member;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * Texts as a dual encoder reads them: cut off at its context, and framed by the tokens that begin
 * and end a text where it is pooled at its end.
 *
 * @param begin -1 for no frame
 * @param end likewise
 */
public record TextEncoding(Tokenizer tokenizer, int context, int begin, int end) {

  /** Texts as they are. */
  public static TextEncoding plain(Tokenizer tokenizer, int context) {
    return new TextEncoding(tokenizer, context, -1, -1);
  }

  /** Texts between a begin and an end. */
  public static TextEncoding framed(Tokenizer tokenizer, int context) {
    if (context < 3) {
      throw new BadInputException(
          Format.text(
              "model.context %d has no room for a text between its begin and its end: 3 is the"
                  + " least",
              context));
    }
    SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
    return new TextEncoding(
        tokenizer, context, specials.id(Special.BEGIN), specials.id(Special.END));
  }

  /**
   * A text's ids.
   *
   * @throws BadInputException if it is empty
   */
  public Member.Words encode(String text) {
    int[] ids = tokenizer.encode(text);
    if (ids.length == 0) {
      throw new BadInputException("An empty text has no embedding: give some words");
    }
    if (begin < 0) {
      return new Member.Words(ids.length <= context ? ids : Arrays.copyOf(ids, context));
    }
    int kept = Math.min(ids.length, context - 2);
    int[] framed = new int[kept + 2];
    framed[0] = begin;
    System.arraycopy(ids, 0, framed, 1, kept);
    framed[kept + 1] = end;
    return new Member.Words(framed);
  }
}
