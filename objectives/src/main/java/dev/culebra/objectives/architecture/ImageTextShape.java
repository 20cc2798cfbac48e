package dev.culebra.objectives.architecture;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Norm;

/**
 * The shape of an {@link ImageTextEncoder}: CLIP's (Radford et al. 2021, arXiv:2103.00020).
 *
 * @param text the tower that reads texts, whose vocabulary and context are the next two
 * @param vocabulary number of token ids, V
 * @param context most tokens of a text
 * @param end the token at which a text is pooled
 * @param vision the tower that reads pictures
 * @param image side of a picture, in pixels
 * @param channels of a pixel
 * @param patch side of a patch, in pixels; divides the picture's
 * @param dimension values of an embedding
 * @param captionLayers blocks that write captions; 0 for none
 */
public record ImageTextShape(
    Tower text,
    int vocabulary,
    int context,
    int end,
    Tower vision,
    int image,
    int channels,
    int patch,
    int dimension,
    int captionLayers) {

  /**
   * The blocks of a tower.
   *
   * @param width values per row, C
   * @param layers blocks
   * @param heads divides the width
   * @param hidden width of the feed-forward layer
   * @param epsilon of the normalisations
   * @param activation of the feed-forward layer
   */
  public record Tower(
      int width, int layers, int heads, int hidden, double epsilon, Activation activation) {

    /** Refuses impossible shapes. */
    public Tower {
      Sizes.heads(width, heads);
      Sizes.positive("layers", layers);
      Sizes.positive("hidden", hidden);
    }

    Norm norm() {
      return new Norm(Norm.Kind.LAYER, (float) epsilon);
    }

    Tower withLayers(int other) {
      return new Tower(width, other, heads, hidden, epsilon, activation);
    }

    StackShape stack() {
      return StackShape.of(heads, width / heads, norm(), true, activation);
    }
  }

  /** Refuses impossible shapes, before anything is allocated. */
  public ImageTextShape {
    Sizes.positive("vocabulary", vocabulary);
    Sizes.positive("context", context);
    Sizes.positive("dimension", dimension);
    if (patch < 1 || image % patch != 0) {
      throw new BadInputException(
          "Patches of %d pixels do not fill pictures of %d: choose an image.patch that divides image.side"
              .formatted(patch, image));
    }
  }

  /** The shape of a model that writes no captions. */
  public ImageTextShape(
      Tower text,
      int vocabulary,
      int context,
      int end,
      Tower vision,
      int image,
      int channels,
      int patch,
      int dimension) {
    this(text, vocabulary, context, end, vision, image, channels, patch, dimension, 0);
  }

  /** Patches of a picture. */
  public int patches() {
    return image / patch * (image / patch);
  }
}
