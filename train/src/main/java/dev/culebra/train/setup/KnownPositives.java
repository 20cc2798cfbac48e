package dev.culebra.train.setup;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.PairFields;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.read.TextPairs;
import dev.culebra.objectives.pairs.PairNumbers;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Queries and keys that fit each other though the data pairs them nowhere: a list that the user
 * gives. They are no negatives of each other in training, and right answers in recall, as the
 * data's own pairs are.
 *
 * @param rows a query and a key each, as the data has them; an image is named by its file, as its
 *     caption file has it, or by its caption
 */
record KnownPositives(List<TextPair> rows) {

  /** Rows that a note names. */
  private static final int NAMED = 3;

  static final KnownPositives NONE = new KnownPositives(List.of());

  /** Reads the recipe's list, if it names one. */
  static KnownPositives read(Recipe recipe, Consumer<String> notes) {
    String path = recipe.get(Settings.EXCEPTIONS);
    if (path.isEmpty()) {
      return NONE;
    }
    List<TextPair> rows = new ArrayList<>();
    BadRows bad = RunData.badRows(recipe);
    TextPairs.of(List.of(Path.of(path)), PairFields.DEFAULT).read(bad, rows::add);
    bad.tell(notes);
    return new KnownPositives(List.copyOf(rows));
  }

  /**
   * Adds them to what is known.
   *
   * @param queries the numbers of the queries of each name
   * @return what the data does not have, named with its place
   */
  List<String> join(PairNumbers numbers, Map<String, List<Integer>> queries) {
    List<String> strangers = new ArrayList<>();
    for (TextPair row : rows) {
      List<Integer> named = queries.getOrDefault(row.source(), List.of());
      boolean known = true;
      for (int query : named) {
        known = numbers.fits(query, row.target());
      }
      if (named.isEmpty() || !known) {
        String stranger = named.isEmpty() ? row.source() : row.target();
        strangers.add(Format.text("%s '%s'", row.where(), stranger));
      }
    }
    return strangers;
  }

  /** What people should know of them: how many there are, and what the data does not have. */
  String summary(List<String> strangers) {
    String read =
        Format.text("%s to mask beside the data's own", Format.count(rows.size(), "pairs"));
    return strangers.isEmpty()
        ? read
        : Format.text(
            "%s; %,d of them name what the data does not have: %s%s",
            read,
            strangers.size(),
            String.join("; ", strangers.subList(0, Math.min(NAMED, strangers.size()))),
            strangers.size() > NAMED ? "; ..." : "");
  }
}
