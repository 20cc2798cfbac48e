package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sentences in another order, as {@code permute_sentences} of fairseq draws it. */
final class SentencePermutation {

  private SentencePermutation() {}

  /**
   * Lets the share {@code p} of the sentences of a text change places among themselves.
   *
   * @param source the text, still in its order
   */
  static Noised apply(Noised source, Text text, double p, RandomSource draws) {
    List<Text.Span> sentences = sentences(text);
    int n = sentences.size();
    int moved = (int) Math.ceil(n * 2 * p / 2.0);
    int[] places = draws.distinct(n, moved);
    int[] order = IntStream.range(0, n).toArray();
    int[] shuffled = draws.order(moved);
    for (int i = 0; i < moved; i++) {
      order[places[i]] = places[shuffled[i]];
    }
    int[] rows = IntStream.range(0, source.length()).toArray();
    int at = 1;
    for (int sentence : order) {
      Text.Span span = sentences.get(sentence);
      for (int i = span.start(); i < span.end(); i++) {
        rows[at++] = i + 1;
      }
    }
    return source.select(rows);
  }

  /**
   * The sentences that may move. fairseq takes the last token for a stop; if a stop stands right
   * before it, it ends no sentence, and what follows the last end stays where it is.
   */
  private static List<Text.Span> sentences(Text text) {
    List<Text.Span> all = text.sentences();
    int last = text.length() - 1;
    boolean stays = last >= 1 && text.isStop(last - 1);
    return stays ? all.subList(0, all.size() - 1) : all;
  }

  /** The rows of a text turned to begin at row {@code offset}; first and last stay. */
  static Noised rotate(Noised source, int offset) {
    int n = source.length();
    int[] rows =
        IntStream.concat(
                IntStream.concat(IntStream.of(0), IntStream.range(offset, n - 1)),
                IntStream.concat(IntStream.range(1, offset), IntStream.of(n - 1)))
            .toArray();
    return source.select(Arrays.copyOf(rows, n));
  }
}
