package dev.culebra.train.inference;

import dev.culebra.data.token.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Writes token by token: draws one of those that a reader finds likely, and gives it back. */
final class TextWriter {

  private final TokenReader reader;
  private final Tokenizer tokenizer;
  private final IntPredicate ends;
  private final WritingRules rules;
  private final List<Integer> endIds;

  /**
   * A writer.
   *
   * @param ends which tokens end a text
   * @param rules what may be written
   */
  TextWriter(TokenReader reader, Tokenizer tokenizer, IntPredicate ends, WritingRules rules) {
    this.reader = reader;
    this.tokenizer = tokenizer;
    this.ends = ends;
    this.rules = rules;
    this.endIds = IntStream.range(0, tokenizer.vocabularySize()).filter(ends).boxed().toList();
  }

  /**
   * What was written.
   *
   * @param ids without the token that ended it
   * @param ended whether it came to an end of its own
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Written(int[] ids, String text, boolean ended) {}

  /**
   * Writes to a prompt.
   *
   * @param onText receives the text as it grows, the prompt excluded
   */
  Written write(Prompt prompt, GenerationOptions options, Consumer<String> onText) {
    Sampler sampler = new Sampler(options, rules.minP());
    int[] written = new int[options.tokens()];
    int count = 0;
    int told = 0;
    boolean ended = false;
    float[] logits = options.tokens() == 0 ? null : reader.begin(prompt);
    while (logits != null) {
      rules.apply(logits, prompt.begun(), written, count, options.tokens(), endIds);
      int id = sampler.draw(logits);
      ended = ends.test(id);
      if (ended) {
        break;
      }
      written[count++] = id;
      told = tell(written, count, told, onText);
      logits = count < options.tokens() ? reader.next(id) : null;
    }
    int[] ids = Arrays.copyOf(written, count);
    String text = decode(ids);
    if (told < text.length()) {
      onText.accept(text.substring(told));
    }
    return new Written(ids, text, ended);
  }

  /** A model may have more ids than its tokenizer; those stand for no text. */
  private String decode(int[] ids) {
    int known = tokenizer.vocabularySize();
    return tokenizer.decode(Arrays.stream(ids).filter(id -> id < known).toArray());
  }

  /** Passes on what is new, except a character whose bytes have not all arrived. */
  private int tell(int[] written, int count, int told, Consumer<String> onText) {
    String text = decode(Arrays.copyOf(written, count));
    int end = text.length();
    while (end > told && text.charAt(end - 1) == '\uFFFD') {
      end--;
    }
    if (end > told) {
      onText.accept(text.substring(told, end));
      return end;
    }
    return told;
  }
}
