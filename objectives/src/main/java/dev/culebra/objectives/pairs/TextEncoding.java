package dev.culebra.objectives.pairs;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;

/**
 * Texts as a dual encoder reads them: framed by what the tokenizer puts around a text, or by the
 * tokens that begin and end one where it is pooled at its end; cut off at the model's context.
 */
public record TextEncoding(Tokenizer tokenizer, int context, Template frame) {

  /**
   * Checks that a text has room.
   *
   * @throws BadInputException if it has not
   */
  public TextEncoding {
    if (context <= frame.size()) {
      throw new BadInputException(
          Format.text(
              "model.context %d has no room for a text between its begin and its end: %d is the"
                  + " least",
              context, frame.size() + 1));
    }
  }

  /** Texts as they are, unless the tokenizer puts something around them. */
  public static TextEncoding plain(Tokenizer tokenizer, int context) {
    return new TextEncoding(tokenizer, context, tokenizer.traits().template());
  }

  /** Texts between a begin and an end. */
  public static TextEncoding framed(Tokenizer tokenizer, int context) {
    SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
    return new TextEncoding(
        tokenizer,
        context,
        new Template(List.of(specials.id(Special.BEGIN)), List.of(specials.id(Special.END))));
  }

  /**
   * The ids of a text from data.
   *
   * @throws BadInputException if it is empty
   */
  public EncoderInput.Words encode(String text) {
    return framed(tokenizer.encode(text));
  }

  /**
   * The ids of a text that somebody typed, in which special tokens may stand by their names.
   *
   * @throws BadInputException if it is empty
   */
  public EncoderInput.Words typed(String text) {
    return framed(tokenizer.encodePrompt(text));
  }

  private EncoderInput.Words framed(int[] ids) {
    if (ids.length == 0) {
      throw new BadInputException("An empty text has no embedding: give some words");
    }
    int[] framed = frame.frame(ids);
    if (framed.length <= context) {
      return new EncoderInput.Words(framed);
    }
    int end = frame.end().size();
    int[] cut = Arrays.copyOf(framed, context);
    System.arraycopy(framed, framed.length - end, cut, context - end, end);
    return new EncoderInput.Words(cut);
  }
}
