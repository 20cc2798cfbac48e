package dev.culebra.objectives.architecture;

import dev.culebra.runtime.BadInputException;

/** Checks of a model's sizes, in the words of a recipe. */
final class Sizes {

  private Sizes() {}

  static void positive(String name, int value) {
    if (value < 1) {
      throw new BadInputException("model." + name + " must be at least 1, not " + value);
    }
  }

  /** Heads must divide the width. */
  static void heads(int width, int heads) {
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
