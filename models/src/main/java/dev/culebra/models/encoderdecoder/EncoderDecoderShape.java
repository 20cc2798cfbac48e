package dev.culebra.models.encoderdecoder;

import dev.culebra.models.nn.Sizes;
import dev.culebra.models.nn.TransformerShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.text.Format;

/**
 * The shape of an encoder and a decoder that reads what the encoder made.
 *
 * @param family whose design it follows
 * @param vocabulary number of token ids, V
 * @param context most positions a sequence may have; T5 has no limit and ignores it
 * @param width values per position, C
 * @param layers blocks of the encoder
 * @param decoderLayers blocks of the decoder
 * @param heads attention heads, H
 * @param headSize values per head; in T5 their product may differ from the width
 * @param hidden width of the feed-forward layers
 * @param epsilon of the normalisations
 * @param activation of the feed-forward layers
 * @param gated whether these multiply an activated half by the other
 * @param tied whether encoder, decoder and output share one matrix. If not, T5 has an output matrix
 *     of its own, and BART three matrices
 * @param buckets of distances, T5's
 * @param farthest distances from here on share a bucket, T5's
 */
public record EncoderDecoderShape(
    Family family,
    int vocabulary,
    int context,
    int width,
    int layers,
    int decoderLayers,
    int heads,
    int headSize,
    int hidden,
    double epsilon,
    Activation activation,
    boolean gated,
    boolean tied,
    int buckets,
    int farthest) {

  /** The published designs. */
  public enum Family {
    /**
     * T5: RMS norms first, a learned bias by distance, no biases (Raffel et al. 2020,
     * arXiv:1910.10683). Version 1.0 has ReLU and a tied output matrix; 1.1, which a new model
     * follows, GEGLU (Shazeer 2020, arXiv:2002.05202) and an output matrix of its own.
     */
    T5("t5"),
    /**
     * BART: layer norms behind, learned positions, GELU, biases, tied output matrix (Lewis et al.
     * 2020, arXiv:1910.13461).
     */
    BART("bart");

    private final String id;

    Family(String id) {
      this.id = id;
    }

    /** The name in recipes, and {@code model_type} in {@code config.json}. */
    public String id() {
      return id;
    }

    /** The usual feed-forward width: T5's gated one is 8/3 C, rounded up to a multiple of 32. */
    public int hidden(int width) {
      return this == T5 ? Math.ceilDiv(Math.multiplyExact(8, width), 96) * 32 : 4 * width;
    }
  }

  /** Refuses impossible shapes, before anything is allocated. */
  public EncoderDecoderShape {
    Sizes.positive("vocabulary", vocabulary);
    Sizes.positive("context", context);
    Sizes.layers("layers", layers);
    Sizes.layers("decoderLayers", decoderLayers);
    Sizes.positive("hidden", hidden);
    Sizes.positive("headSize", headSize);
    if (family == Family.BART) {
      Sizes.heads(width, heads);
    }
    if (family == Family.BART && gated) {
      throw new BadInputException("BART's feed-forward layers are not gated");
    }
    if (!(epsilon > 0)) {
      throw new BadInputException("model.epsilon must be positive, not " + epsilon);
    }
    if (family == Family.T5 && (buckets < 4 || farthest <= buckets / 2)) {
      throw new BadInputException(
          Format.text(
              "%d buckets of distances up to %d: T5 needs at least 4, and more than half as"
                  + " many distances",
              buckets, farthest));
    }
    if (family == Family.T5 && (long) buckets * farthest > MOST_DISTANCES) {
      throw new BadInputException(
          Format.text(
              "%,d buckets of distances up to %,d are more than the %,d that a table of them may"
                  + " have",
              buckets, farthest, MOST_DISTANCES));
    }
  }

  /** The most buckets times distances; published models have a thousandth of it. */
  private static final long MOST_DISTANCES = 1 << 22;

  /** The same with another number of token ids. */
  public EncoderDecoderShape withVocabulary(int ids) {
    return new EncoderDecoderShape(
        family,
        ids,
        context,
        width,
        layers,
        decoderLayers,
        heads,
        headSize,
        hidden,
        epsilon,
        activation,
        gated,
        tied,
        buckets,
        farthest);
  }

  /** Whether the output is scaled by the root of the width: where T5's output matrix is tied. */
  boolean scaled() {
    return family == Family.T5 && tied;
  }

  /** Width of all heads together. */
  int inner() {
    return Math.multiplyExact(heads, headSize);
  }

  Norm norm() {
    return new Norm(family == Family.T5 ? Norm.Kind.RMS : Norm.Kind.LAYER, (float) epsilon);
  }

  TransformerShape stack() {
    boolean t5 = family == Family.T5;
    float scale = t5 ? 1 : (float) (1 / Math.sqrt(headSize));
    return new TransformerShape(heads, heads, headSize, norm(), t5, activation, gated, scale);
  }
}
