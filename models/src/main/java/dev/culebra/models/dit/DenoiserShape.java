package dev.culebra.models.dit;

import dev.culebra.models.nn.Sizes;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The shape of a denoiser: that of DiT (Peebles and Xie 2023, arXiv:2212.09748) without the learned
 * variance.
 *
 * @param side of the square images, in pixels
 * @param patch side of a patch; divides the image's
 * @param channels 1 (grey) or 3 (colour)
 * @param width values per patch, C; a multiple of 4
 * @param layers blocks, L
 * @param heads H; divides the width
 * @param classes that it can be told; 0 for none
 * @param steps of the noise process, T
 * @param epsilon in the norm before each feed-forward layer, the only one that diffusers leaves
 *     open; {@link #EPSILON} in the others
 */
public record DenoiserShape(
    int side,
    int patch,
    int channels,
    int width,
    int layers,
    int heads,
    int classes,
    int steps,
    double epsilon) {

  /** What the authors add to the variance in every norm. */
  public static final double EPSILON = 1e-6;

  /** The most patches of a side: attention over more is no longer sensible. */
  private static final int MOST_PATCHES = 1 << 10;

  /** Refuses impossible shapes, before anything is allocated. */
  public DenoiserShape {
    if (patch < 1 || side < 1 || side % patch != 0 || side / patch > MOST_PATCHES) {
      throw new BadInputException(
          Format.text(
              "image.patch %d does not cut image.side %d into at most %d equal parts: choose a"
                  + " patch that does",
              patch, side, MOST_PATCHES));
    }
    if (channels != 1 && channels != 3) {
      throw new BadInputException("image.channels must be 1 or 3, not " + channels);
    }
    Sizes.layers("layers", layers);
    Sizes.heads(width, heads);
    if (width % 4 != 0) {
      throw new BadInputException(
          Format.text(
              "model.width %d is no multiple of 4, which sines and cosines of two positions need",
              width));
    }
    if (classes < 0 || steps < 2) {
      throw new BadInputException(
          Format.text(
              "a denoiser of %d classes and %d steps: give at least 0 and 2", classes, steps));
    }
  }

  /** Patches of an image: rows. */
  public int patches() {
    return (side / patch) * (side / patch);
  }

  /** Width of the feed-forward layers: four times that of the rows, as diffusers has it. */
  public long hidden() {
    return 4L * width;
  }

  /** Values of a patch. */
  public int patchValues() {
    return patch * patch * channels;
  }

  /** The number that stands for no class. */
  public int noClass() {
    return classes;
  }
}
