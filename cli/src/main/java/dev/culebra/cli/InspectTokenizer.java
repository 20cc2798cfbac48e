package dev.culebra.cli;

import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TextMarks;
import dev.culebra.data.token.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * How {@code inspect} cuts a text into tokens and writes them: by white space, or by a tokenizer.
 *
 * @param specials the special tokens, those that the vocabulary lacks behind its end
 * @param read cuts a text
 * @param write the name of an id that is not special
 */
record InspectTokenizer(
    SpecialTokens specials, Function<String, Text> read, IntFunction<String> write) {

  private static final int SENTINELS = 100;

  /** Words between white space; the vocabulary is the words of these texts. */
  static InspectTokenizer words(List<String> texts) {
    List<String> known = new ArrayList<>();
    for (String text : texts) {
      Arrays.stream(split(text)).filter(word -> !known.contains(word)).forEach(known::add);
    }
    return new InspectTokenizer(
        SpecialTokens.behind(known.size(), SENTINELS), text -> marked(text, known), known::get);
  }

  /** The tokens of a tokenizer, for texts from data. */
  static InspectTokenizer of(Tokenizer tokenizer) {
    return of(tokenizer, tokenizer::encode);
  }

  /**
   * The tokens of a tokenizer, for texts that somebody typed: special tokens by their names.
   *
   * @param around what a text begins with
   */
  static InspectTokenizer typed(Tokenizer tokenizer, Template around) {
    return of(
        tokenizer,
        text -> {
          int[] ids = tokenizer.encodePrompt(text);
          return ids.length == 0 ? ids : around.open(ids);
        });
  }

  private static InspectTokenizer of(Tokenizer tokenizer, Function<String, int[]> encode) {
    TextMarks marks = TextMarks.of(tokenizer);
    return new InspectTokenizer(
        SpecialTokens.in(tokenizer, SENTINELS),
        text -> marks.text(encode.apply(text)),
        tokenizer::token);
  }

  private static String[] split(String text) {
    return text.isBlank() ? new String[0] : text.strip().split("\\s+");
  }

  private static Text marked(String text, List<String> known) {
    String[] words = split(text);
    BitSet starts = new BitSet();
    starts.set(0, words.length);
    BitSet stops = new BitSet();
    for (int i = 0; i < words.length; i++) {
      stops.set(i, TextMarks.isStop(words[i]));
    }
    return Text.of(Arrays.stream(words).mapToInt(known::indexOf).toArray(), starts, stops);
  }

  /** An id as it is written. */
  String name(int id) {
    int added = id - (specials.vocabulary() - specials.added().size());
    return added < 0 ? write.apply(id) : specials.added().get(added);
  }
}
