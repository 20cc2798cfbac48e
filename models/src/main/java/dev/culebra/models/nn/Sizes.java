package dev.culebra.models.nn;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/** Checks of a model's sizes, in the words of a recipe. */
public final class Sizes {

  private static final int MOST_LAYERS = 10_000;

  private Sizes() {}

  public static void positive(String name, int value) {
    if (value < 1) {
      throw new BadInputException("model." + name + " must be at least 1, not " + value);
    }
  }

  /** Blocks, of which there may be as many as {@code model.layers} can be. */
  public static void layers(String name, int value) {
    positive(name, value);
    if (value > MOST_LAYERS) {
      throw new BadInputException(
          Format.text("model.%s must be at most %,d, not %,d", name, MOST_LAYERS, value));
    }
  }

  /** Heads must divide the width. */
  public static void heads(int width, int heads) {
    positive("width", width);
    positive("heads", heads);
    if (width % heads != 0) {
      throw new BadInputException(
          "model.heads "
              + heads
              + " does not divide model.width "
              + width
              + ": choose a number of heads that does");
    }
  }
}
