package dev.culebra.cli;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.token.Special;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A caption as the decoder reads and writes it: framed, each row asked for the next token.
 *
 * @param ids what the rows read
 * @param labels what they are asked for, or {@link Batch#IGNORE}
 * @param imageRows rows of the image, all of which each row sees
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record CaptionRows(int[] ids, int[] labels, InspectTokenizer lexicon, int imageRows) {
  private static final String SEEN = "■ ";
  private static final String HIDDEN = "· ";

  /**
   * Frames a caption.
   *
   * @param context most rows
   */
  static CaptionRows of(String caption, InspectTokenizer lexicon, int context, int imageRows) {
    int[] words = lexicon.read().apply(caption).tokens();
    int kept = Math.min(words.length, context - 2);
    int[] framed = new int[kept + 2];
    framed[0] = lexicon.specials().id(Special.BEGIN);
    System.arraycopy(words, 0, framed, 1, kept);
    framed[kept + 1] = lexicon.specials().id(Special.END);
    TextBatch text = new TextBatch(1, framed.length, Attention.CAPTION);
    text.begin();
    text.add(new EncoderInput.Words(framed));
    text.finish();
    Batch rows = text.rows();
    int length = text.ends()[0];
    return new CaptionRows(
        Arrays.copyOf(rows.ids(), length),
        Arrays.copyOf(rows.labels(), length),
        lexicon,
        imageRows);
  }

  private String label(int row) {
    return labels[row] == Batch.IGNORE ? null : lexicon.name(labels[row]);
  }

  /** The rows as a table. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("decoder: a row sees itself and what is before it");
    lines.add(
        Format.text(
            "cross attention: every row sees all %s of its image",
            Format.count(imageRows, "rows")));
    Table table = new Table(0, 3);
    table.row("row", "input", "label", "loss", columns());
    for (int row = 0; row < ids.length; row++) {
      String label = label(row);
      table.row(
          Integer.toString(row),
          lexicon.name(ids[row]),
          label == null ? HIDDEN.strip() : label,
          label == null ? "0" : "1",
          SEEN.repeat(row + 1) + HIDDEN.repeat(ids.length - row - 1));
    }
    lines.addAll(table.lines());
    return lines;
  }

  /** Row numbers above a grid: their last digits. */
  private String columns() {
    StringBuilder line = new StringBuilder();
    IntStream.range(0, ids.length).forEach(row -> line.append(row % 10).append(' '));
    return line.toString();
  }

  /** The rows for programs, as those of other decoders. */
  Map<String, Object> toMap() {
    List<Integer> rows = IntStream.range(0, ids.length).boxed().toList();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("input", rows.stream().map(row -> lexicon.name(ids[row])).toList());
    map.put("input_ids", ids);
    map.put("positions", rows);
    map.put("labels", rows.stream().map(this::label).toList());
    map.put("label_ids", labels);
    map.put("loss_mask", rows.stream().map(row -> label(row) == null ? 0 : 1).toList());
    map.put("attention", rows.stream().map(row -> List.of(0, row + 1)).toList());
    map.put("cross_attention", rows.stream().map(_ -> List.of(0, imageRows)).toList());
    return map;
  }
}
