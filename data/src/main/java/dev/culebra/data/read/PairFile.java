package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Reads the pairs of one file, whose name says of which kind it is. */
enum PairFile {
  /** A line per pair: source, tab, target and, after another tab, perhaps a group; or a header. */
  TSV {
    @Override
    void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink) {
      eachLine(file, bad, sink, new Table(fields, "tabs", Table::tabbed));
    }
  },

  /** The same with commas, and cells that may stand in quotes. */
  CSV {
    @Override
    void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink) {
      Table table = new Table(fields, "commas", Csv::cells);
      InputFile.read(file, in -> Lines.read(file, in, Csv.rows(), each(bad, sink, table)));
    }
  },

  /** A JSON object per line. */
  LINES {
    @Override
    void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink) {
      JsonPair json = new JsonPair(fields);
      eachLine(file, bad, sink, (where, line) -> List.of(json.read(where, line)));
    }
  },

  /** One JSON object. */
  OBJECT {
    @Override
    void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink) {
      JsonPair json = new JsonPair(fields);
      InputFile.read(
          file,
          in -> {
            byte[] bytes = in.readAllBytes();
            bad.takeFile(
                    () -> {
                      String text = StrictUtf8.decode(bytes, file);
                      return List.of(json.read(Place.of(file), text));
                    })
                .forEach(sink);
          });
    }
  },

  /** WordNet's data.noun, data.verb, data.adj and data.adv: a pair per lemma and gloss. */
  WORDNET {
    @Override
    void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink) {
      eachLine(file, bad, sink, WordNet::pairs);
    }
  };

  static final String KNOWN =
      ".tsv, .csv, .jsonl, .json, .gz of these and WordNet's data.noun, .verb, .adj and .adv";

  /** Makes pairs of a line. */
  private interface Row {
    List<TextPair> read(Place where, String line);
  }

  /** Gives the pairs of a file to {@code sink}, in order. */
  abstract void read(Path file, PairFields fields, BadRows bad, Consumer<TextPair> sink);

  /** The kind of a file, or empty if its name says none that is known. */
  static Optional<PairFile> of(Path file) {
    String name = InputFile.plainName(file);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "tsv" -> Optional.of(TSV);
      case "csv" -> Optional.of(CSV);
      case "jsonl" -> Optional.of(LINES);
      case "json" -> Optional.of(OBJECT);
      case "noun", "verb", "adj", "adv" ->
          name.startsWith("data.") ? Optional.of(WORDNET) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static void eachLine(Path file, BadRows bad, Consumer<TextPair> sink, Row row) {
    InputFile.read(file, in -> Lines.read(file, in, each(bad, sink, row)));
  }

  private static Lines.Sink each(BadRows bad, Consumer<TextPair> sink, Row row) {
    return (where, text) ->
        bad.take(() -> pairs(where, withoutLineEnd(text.get()), row)).forEach(sink);
  }

  private static List<TextPair> pairs(Place where, String line, Row row) {
    return line.isBlank() ? List.of() : row.read(where, line);
  }

  private static String withoutLineEnd(String line) {
    int end = line.length();
    while (end > 0 && (line.charAt(end - 1) == '\n' || line.charAt(end - 1) == '\r')) {
      end--;
    }
    return line.substring(0, end);
  }

  /** Rows of cells, of which the first may be a header. */
  private static final class Table implements Row {
    private final PairFields fields;
    private final String between;
    private final BiFunction<Place, String, List<String>> cells;
    private Columns columns;

    /**
     * A table.
     *
     * @param between what parts its cells, for people
     */
    Table(PairFields fields, String between, BiFunction<Place, String, List<String>> cells) {
      this.fields = fields;
      this.between = between;
      this.cells = cells;
    }

    static List<String> tabbed(Place where, String line) {
      if (line.indexOf('\r') >= 0) {
        throw new BadInputException(where + Csv.LONE_RETURN);
      }
      return List.of(line.split("\t", -1));
    }

    @Override
    public List<TextPair> read(Place where, String line) {
      List<String> row = cells.apply(where, line);
      if (columns == null) {
        Columns named = Columns.named(fields, where, row);
        columns = named == null ? Columns.USUAL : named;
        if (named != null) {
          return List.of();
        }
      }
      return List.of(columns.pair(fields, where, row, between));
    }
  }
}
