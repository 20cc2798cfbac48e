package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/** A model whose rows of tokens are asked for tokens. */
public interface TokenModel extends Model {

  /** Which stacks of blocks a model has. */
  enum Architecture {
    /** Rows see their whole text. */
    ENCODER("encoder"),
    /** Rows see what precedes them. */
    DECODER("decoder"),
    /** A decoder reads what an encoder made. */
    ENCODER_DECODER("encoder-decoder");

    private final String words;

    Architecture(String words) {
      this.words = words;
    }

    /** For people. */
    @Override
    public String toString() {
      return words;
    }
  }

  /** Which stacks it has. */
  Architecture architecture();

  /** Number of token ids, V. */
  int vocabulary();

  /** The most positions of a sequence; {@link Integer#MAX_VALUE} where there is no limit. */
  int context();

  /**
   * The rows that are asked: of the decoder if there is one, else of the encoder; as the head wants
   * them, N x C.
   */
  Tensor forward(Tape tape, TokenInput input);

  /**
   * The output matrix with its loss.
   *
   * @param budget bytes that a chunk of logits may take
   */
  LanguageHead head(CrossEntropy options, long budget);
}
