package dev.culebra.data.read;

import dev.culebra.data.random.Mix64;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Holds out a share of groups: all rows of a group are on one side, and so are rows of an equal
 * source or an equal target, so that what a model is judged by is nothing that it learned. A target
 * that many rows share is a label and stands on both sides. Which side a group is on depends on its
 * name and the seed alone; but one of more than half of all rows is learned from.
 *
 * @param share of the groups that is held out, about; above 0 and below 1
 * @param seed changes the choice
 */
public record GroupSplit(double share, long seed) {

  /**
   * Rows to learn from and rows to evaluate on, each in the order of the data.
   *
   * @param labels how many targets there are if they are labels, which stand on both sides; else 0
   */
  public record Parts<T>(List<T> training, List<T> heldOut, int labels) {}

  /**
   * Checks the share.
   *
   * @throws BadInputException if it is not between 0 and 1
   */
  public GroupSplit {
    if (!(share > 0 && share < 1)) {
      throw new BadInputException(
          Format.text("The held-out share must be above 0 and below 1, not %s", share));
    }
  }

  /** Whether the rows of a group are held out. */
  public boolean holdsOut(String group) {
    long hash = seed;
    for (int i = 0; i < group.length(); i++) {
      hash = Mix64.of(hash, group.charAt(i));
    }
    return Mix64.unit(Mix64.of(hash, group.length())) < share;
  }

  /** Parts pairs of texts. */
  public Parts<TextPair> pairs(List<TextPair> pairs) {
    return pairs(pairs, pair -> pair);
  }

  /** Parts rows that have pairs of texts. */
  public <T> Parts<T> pairs(List<T> rows, Function<T, TextPair> pair) {
    return part(rows, row -> Ties.Row.of(pair.apply(row)));
  }

  /** Parts images: those of one group or one caption are on one side. */
  public Parts<LabelledImage> images(List<LabelledImage> images) {
    return images(images, image -> image);
  }

  /** Parts rows that have images. */
  public <T> Parts<T> images(List<T> rows, Function<T, LabelledImage> image) {
    return part(rows, row -> Ties.Row.of(image.apply(row)));
  }

  private <T> Parts<T> part(List<T> rows, Function<T, Ties.Row> of) {
    Ties ties = new Ties(rows.stream().map(of).toList());
    List<T> training = new ArrayList<>();
    List<T> heldOut = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      boolean most = ties.size(i) > rows.size() / 2;
      (!most && holdsOut(ties.name(i)) ? heldOut : training).add(rows.get(i));
    }
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "Holding out %s of %s of %s leaves %,d to train on and %,d to evaluate on: give more"
                  + " data or another share (rows of one group, one source or one target stay"
                  + " together)",
              share,
              Format.count(ties.groups(), "groups"),
              Format.count(rows.size(), "rows"),
              training.size(),
              heldOut.size()));
    }
    return new Parts<>(training, heldOut, ties.labels());
  }
}
