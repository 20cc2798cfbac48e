package dev.culebra.models.decoder;

import dev.culebra.models.nn.Rotary;
import dev.culebra.models.nn.Sizes;
import dev.culebra.models.nn.TransformerShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Norm;

/**
 * The shape of a decoder: a pre-norm transformer that predicts the next token.
 *
 * @param family whose design it follows
 * @param vocabulary number of token ids, V
 * @param context most positions a sequence may have, T
 * @param width values per position, C
 * @param layers blocks, L
 * @param heads query heads, H; divides the width
 * @param kvHeads key and value heads; divides the heads
 * @param hidden width of the feed-forward layer
 * @param epsilon of the normalisations
 * @param rotary frequencies of the rotary angles; unused with learned positions
 * @param tied whether the output matrix is the token embedding
 */
public record DecoderShape(
    DecoderFamily family,
    int vocabulary,
    int context,
    int width,
    int layers,
    int heads,
    int kvHeads,
    int hidden,
    double epsilon,
    Rotary rotary,
    boolean tied) {

  /** Refuses impossible shapes, before anything is allocated. */
  public DecoderShape {
    positive("vocabulary", vocabulary);
    positive("context", context);
    positive("width", width);
    Sizes.layers("layers", layers);
    positive("heads", heads);
    positive("kvHeads", kvHeads);
    positive("hidden", hidden);
    if (width % heads != 0) {
      throw new BadInputException(
          "model.heads "
              + heads
              + " does not divide model.width "
              + width
              + ": choose a number of heads that does");
    }
    if (heads % kvHeads != 0) {
      throw new BadInputException(
          "model.kvHeads "
              + kvHeads
              + " does not divide model.heads "
              + heads
              + ": choose a number of key and value heads that does");
    }
    if (family.rotary() && width / heads % 2 != 0) {
      throw new BadInputException(
          "model.width "
              + width
              + " over model.heads "
              + heads
              + " gives heads of "
              + width / heads
              + " values, but rotary positions need an even number");
    }
    if (!family.groupedQueries() && kvHeads != heads) {
      throw new BadInputException(
          family.id() + " has no grouped queries: model.kvHeads must equal model.heads, " + heads);
    }
    if (!family.untiedHead() && !tied) {
      throw new BadInputException(family.id() + " ties its output matrix: model.tied must be true");
    }
    if (!(epsilon > 0)) {
      throw new BadInputException("model.epsilon must be positive, not " + epsilon);
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new BadInputException("model." + name + " must be at least 1, not " + value);
    }
  }

  /** The same with another number of token ids. */
  public DecoderShape withVocabulary(int ids) {
    return new DecoderShape(
        family, ids, context, width, layers, heads, kvHeads, hidden, epsilon, rotary, tied);
  }

  /** Values per head. */
  public int headSize() {
    return width / heads;
  }

  /** How its blocks are made. */
  public TransformerShape stack() {
    return new TransformerShape(
        heads,
        kvHeads,
        headSize(),
        new Norm(family.norm(), (float) epsilon),
        true,
        family.gated() ? Activation.SILU : Activation.GELU_TANH,
        family.gated(),
        (float) (1 / Math.sqrt(headSize())));
  }
}
