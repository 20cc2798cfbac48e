package dev.culebra.objectives.pairs;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.Corruption;
import java.util.Arrays;

/**
 * Images with their captions on the host: the pairs, each row of a caption asked for its next
 * token, and the same captions once more with some tokens masked.
 */
public final class CaptionBatch {

  private final PairBatch pairs;
  private final TextBatch masked;
  private final Corruption masking;

  /**
   * Room for captions.
   *
   * @param pairs of one chunk, whose keys are captions
   * @param masked room for as many texts
   * @param masking what hides tokens; null for none, and then the masked captions stay empty
   */
  public CaptionBatch(PairBatch pairs, TextBatch masked, Corruption masking) {
    this.pairs = pairs;
    this.masked = masked;
    this.masking = masking;
  }

  void begin() {
    pairs.begin();
    masked.begin();
  }

  /** Adds a pair whose mask is drawn from {@code draw}. */
  void add(EncodedPair pair, long seed, long draw) {
    pairs.add(pair);
    if (masking != null && pair.right() instanceof EncoderInput.Words(int[] ids)) {
      Text text = Text.of(Arrays.copyOfRange(ids, 1, ids.length - 1)); // masking frames it again
      masked.add(masking.corrupt(text, RandomSource.of(seed, 0, draw)).encoder());
    }
  }

  void finish() {
    pairs.finish();
    masked.finish();
  }

  /** Images and captions. */
  public PairBatch pairs() {
    return pairs;
  }

  /** Captions with masked tokens, none if nothing is masked. */
  public TextBatch masked() {
    return masked;
  }

  /** Captions as they are, each row asked for the next token. */
  public TextBatch captions() {
    return (TextBatch) pairs.right().getFirst();
  }
}
