package dev.culebra.train.evaluation;

import dev.culebra.data.token.PairMap;
import dev.culebra.data.token.TokenView;
import java.util.Arrays;
import java.util.List;

/**
 * How often each token follows each other one in a text: the (input, label) pairs that causal
 * language modelling trains on. About 50 bytes per distinct pair.
 */
public final class PairCounts {
  private static final int CHUNK = 1 << 14;

  private final PairMap index = new PairMap(1 << 12);
  private final long[] labels;
  private final long[] contexts;
  private final int[] followers;
  private long[] counts = new long[1 << 12];
  private long total;

  /**
   * Counts the pairs of a text.
   *
   * @param acrossDocuments whether the token that ends a document and the first of the next one are
   *     a pair, as in {@link dev.culebra.data.batch.CausalOptions}
   */
  public PairCounts(TokenView tokens, boolean acrossDocuments) {
    this(List.of(tokens), acrossDocuments);
  }

  /** Counts the pairs of several texts of one vocabulary. */
  public PairCounts(List<TokenView> texts, boolean acrossDocuments) {
    int vocabulary = texts.getFirst().vocabularySize();
    this.labels = new long[vocabulary];
    this.contexts = new long[vocabulary];
    this.followers = new int[vocabulary];
    texts.forEach(text -> count(text, acrossDocuments));
  }

  private void count(TokenView tokens, boolean acrossDocuments) {
    int[] chunk = new int[CHUNK + 1];
    for (long from = 0; from + 1 < tokens.size(); from += CHUNK) {
      int pairs = Math.toIntExact(Math.min(CHUNK, tokens.size() - 1 - from));
      tokens.copy(from, chunk, 0, pairs + 1);
      long jump = tokens.breakAfter(from);
      for (int i = 0; i < pairs; i++) {
        if (from + i + 1 == jump) {
          jump = tokens.breakAfter(jump);
        } else if (acrossDocuments || chunk[i] != tokens.endOfText()) {
          count(chunk[i], chunk[i + 1]);
        }
      }
    }
  }

  private void count(int context, int label) {
    int known = index.putIfAbsent(PairMap.pair(context, label), index.size());
    int i = known == PairMap.ABSENT ? index.size() - 1 : known;
    if (i == counts.length) {
      counts = Arrays.copyOf(counts, Math.multiplyExact(i, 2));
    }
    followers[context] += known == PairMap.ABSENT ? 1 : 0;
    counts[i]++;
    contexts[context]++;
    labels[label]++;
    total++;
  }

  /** How many ids the tokenizer has. */
  public int vocabularySize() {
    return labels.length;
  }

  /** How many pairs were counted. */
  public long total() {
    return total;
  }

  /** How often a pair, as {@link PairMap#pair} of context and label, occurred. */
  long count(long pair) {
    int i = index.get(pair);
    return i == PairMap.ABSENT ? 0 : counts[i];
  }

  /** How often a token was a label. */
  long labelCount(int label) {
    return labels[label];
  }

  /** How often a token was followed by another. */
  long contextCount(int context) {
    return contexts[context];
  }

  /** How many different tokens followed a token. */
  int followers(int context) {
    return followers[context];
  }

  /** How many different pairs occurred exactly {@code n} times. */
  long pairsSeen(long n) {
    return Arrays.stream(counts, 0, index.size()).filter(count -> count == n).count();
  }
}
