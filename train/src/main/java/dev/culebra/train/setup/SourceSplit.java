package dev.culebra.train.setup;

import dev.culebra.data.read.GroupSplit;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Rows of several sources, parted by group. A group is on one side in all sources; old data that is
 * replayed is not judged by.
 *
 * @param training for each source the rows to train on, in the order of the data
 * @param heldOut the rows to evaluate on
 */
record SourceSplit<T>(List<List<T>> training, List<T> heldOut) {

  /**
   * Parts rows by source.
   *
   * @param parts all rows, parted
   * @param source number of a row's source
   * @throws BadInputException if a source has none to train on, or there are none to evaluate on
   */
  static <T> SourceSplit<T> of(
      GroupSplit.Parts<T> parts, List<DataSource> sources, ToIntFunction<T> source) {
    List<List<T>> training = new ArrayList<>();
    sources.forEach(_ -> training.add(new ArrayList<>()));
    parts.training().forEach(row -> training.get(source.applyAsInt(row)).add(row));
    for (int i = 0; i < sources.size(); i++) {
      if (training.get(i).isEmpty()) {
        throw nothing(sources.get(i), "train on");
      }
    }
    List<T> heldOut =
        parts.heldOut().stream()
            .filter(row -> !sources.get(source.applyAsInt(row)).replayed())
            .toList();
    if (heldOut.isEmpty()) {
      throw nothing(sources.getFirst(), "judge by");
    }
    if (parts.labels() > 0) {
      Notes.tell(
          Format.text(
              "the %,d targets in %s are labels: rows of one label stand on both sides, to train on"
                  + " and to evaluate on",
              parts.labels(), DataFiles.described(sources.getFirst().paths())));
    }
    return new SourceSplit<>(training, heldOut);
  }

  private static BadInputException nothing(DataSource source, String what) {
    return new BadInputException(
        Format.text(
            "%s has nothing to %s once groups are held out: give more data or another data.heldOut",
            DataFiles.described(source.paths()), what));
  }
}
