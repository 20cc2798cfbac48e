package dev.culebra.models.nn;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;

/** What a tower of a {@link DualEncoder} reads, each text or image for one embedding. */
public sealed interface TowerInput {

  /** How many embeddings are wanted. */
  long count();

  /**
   * Texts.
   *
   * @param rows the tokens of all
   * @param texts the rows of each
   * @param last I32: the last row of each
   * @param asked I32: the row of each that stands for the text, by {@link DualEncoder#asked}
   */
  record Texts(TokenRows rows, Intervals texts, Buffer last, Buffer asked, long count)
      implements TowerInput {}

  /**
   * Images as patches; each has a row for its class before those of its patches.
   *
   * @param pixels F32, values of all patches
   * @param patches how many patches there are
   * @param patch I32: the patch of each row, -1 for the class
   * @param top I32: 0 for the rows of classes, -1 for the others
   * @param position I32: the place of each row within its image
   * @param intervals the rows of its image for each row
   * @param first I32: the first row of each image
   * @param rows how many rows there are
   */
  record Images(
      Buffer pixels,
      long patches,
      Buffer patch,
      Buffer top,
      Buffer position,
      Intervals intervals,
      Buffer first,
      long rows,
      long count)
      implements TowerInput {}
}
