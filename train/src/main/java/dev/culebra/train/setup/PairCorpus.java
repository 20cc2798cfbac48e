package dev.culebra.train.setup;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.GroupSplit;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.read.TextPairs;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Pairs of texts as some sources have them.
 *
 * @param rows source by source
 */
record PairCorpus(List<DataSource> sources, List<Row> rows) {

  /** What is learned from when a recipe names no pairs. */
  static final String SAMPLE = "pairs.tsv";

  /**
   * A pair as the data has it.
   *
   * @param source number of the source that it is from
   */
  record Row(int source, TextPair pair) {}

  /** Reads all pairs. */
  static PairCorpus read(Recipe recipe, List<DataSource> sources, Consumer<String> notes) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      int source = i;
      BadRows bad = RunData.badRows(recipe);
      read(recipe, sources.get(i).paths(), bad).forEach(pair -> rows.add(new Row(source, pair)));
      bad.tell(notes);
    }
    return new PairCorpus(sources, rows);
  }

  /** The pairs in some files or folders. */
  static List<TextPair> read(Recipe recipe, List<Path> paths, BadRows bad) {
    List<TextPair> pairs = new ArrayList<>();
    TextPairs.of(paths, DataFiles.fields(recipe)).read(bad, pairs::add);
    return pairs;
  }

  /** Gives every text, to train a tokenizer on. */
  void texts(Consumer<String> sink) {
    rows.forEach(
        row -> {
          sink.accept(row.pair.source());
          sink.accept(row.pair.target());
        });
  }

  /** Those to train on, source by source, and those held out. */
  SourceSplit<Row> split(Recipe recipe) {
    GroupSplit split = new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED));
    return SourceSplit.of(split.pairs(rows, Row::pair), sources, Row::source);
  }
}
