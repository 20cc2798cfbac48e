package dev.culebra.objectives.batch;

import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corpus.TextPair;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Holds out a share of groups: all rows of a group are on one side. Which side depends on the
 * group's name and the seed alone, so it is the same in every run, whatever else the data holds.
 *
 * @param share of the groups that is held out, about; above 0 and below 1
 * @param seed changes the choice
 */
public record GroupSplit(double share, long seed) {

  /** Rows to learn from and rows to judge by, each in the order of the data. */
  public record Parts<T>(List<T> training, List<T> heldOut) {}

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

  /** Parts pairs by {@link #group(TextPair)}. */
  public Parts<TextPair> pairs(List<TextPair> pairs) {
    return part(pairs, GroupSplit::group);
  }

  /** The group of a pair; one without is in the group of all pairs with its source. */
  public static String group(TextPair pair) {
    return pair.group() == null ? pair.source() : pair.group();
  }

  /** Parts pictures; one without a group is in the group of its caption or, without, alone. */
  public Parts<Picture> pictures(List<Picture> pictures) {
    return part(pictures, GroupSplit::group);
  }

  private static String group(Picture picture) {
    if (picture.group() != null) {
      return picture.group();
    }
    // Alone by its name rather than its path, so that a folder can move.
    return picture.caption() != null
        ? picture.caption()
        : picture.where().file().getFileName() + ":" + picture.where().number();
  }

  /**
   * Parts rows by group.
   *
   * @throws BadInputException if one side has none
   */
  public <T> Parts<T> part(List<T> rows, Function<T, String> group) {
    List<T> training = new ArrayList<>();
    List<T> heldOut = new ArrayList<>();
    for (T row : rows) {
      (holdsOut(group.apply(row)) ? heldOut : training).add(row);
    }
    if (training.isEmpty() || heldOut.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "Holding out %s of the groups of %,d rows leaves %,d to train on and %,d to judge by:"
                  + " give more data or another share",
              share, rows.size(), training.size(), heldOut.size()));
    }
    return new Parts<>(training, heldOut);
  }
}
