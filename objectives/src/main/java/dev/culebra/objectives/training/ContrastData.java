package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.EncodedPair;
import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.batch.Member;
import dev.culebra.objectives.batch.PairNumbers;
import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.corpus.Images;
import dev.culebra.objectives.corpus.PairFields;
import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.corpus.TextPair;
import dev.culebra.objectives.corpus.TextPairs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * Pairs of a run: texts with texts, or pictures with their captions. Read anew whenever a run is
 * opened, for they are few beside what a model of text alone reads.
 */
final class ContrastData {

  /** A pair as the data has it; the left side is a text or a picture. */
  private record Row(String text, Picture picture, TextPair right) {

    String group() {
      return PairNumbers.group(right);
    }

    /** Equal for queries of equal content. */
    Object left() {
      return picture == null ? text : right.where();
    }
  }

  private final List<Row> rows;

  private ContrastData(List<Row> rows) {
    this.rows = rows;
  }

  /** Reads pairs of texts. */
  static ContrastData texts(List<Path> paths, double badShare, Consumer<String> notes) {
    List<Row> rows = new ArrayList<>();
    BadRows bad = new BadRows(badShare);
    TextPairs.of(paths, PairFields.DEFAULT)
        .read(bad, pair -> rows.add(new Row(pair.source(), null, pair)));
    note(bad, notes);
    return new ContrastData(rows);
  }

  /** Reads pictures with captions; those without one are passed over. */
  static ContrastData pictures(
      List<Path> paths, PictureSize size, double badShare, Consumer<String> notes) {
    List<Row> rows = new ArrayList<>();
    BadRows bad = new BadRows(badShare);
    Images.of(paths, size)
        .read(
            bad,
            picture -> {
              if (picture.caption() != null) {
                TextPair pair =
                    new TextPair(
                        "a picture of " + picture.caption(),
                        picture.caption(),
                        picture.group(),
                        List.of(),
                        picture.where());
                rows.add(new Row(null, picture, pair));
              }
            });
    note(bad, notes);
    return new ContrastData(rows);
  }

  private static void note(BadRows bad, Consumer<String> notes) {
    if (bad.bad() > 0) {
      notes.accept(bad.summary());
    }
  }

  /** How many pairs there are. */
  int size() {
    return rows.size();
  }

  /** Gives every text, to train a tokenizer on. */
  void texts(Consumer<String> sink) {
    for (Row row : rows) {
      if (row.text != null) {
        sink.accept(row.text);
      }
      sink.accept(row.right.target());
      row.right.negatives().forEach(sink);
    }
  }

  /** Changes when anything in the data changes. */
  String fingerprint() {
    CRC32C sum = new CRC32C();
    texts(text -> sum.update(text.getBytes(StandardCharsets.UTF_8)));
    for (Row row : rows) {
      sum.update(row.group().getBytes(StandardCharsets.UTF_8));
      if (row.picture != null) {
        sum.update(row.picture.pixels());
      }
    }
    return Long.toHexString((long) rows.size() << 32 | sum.getValue());
  }

  /**
   * Pairs ready for a model.
   *
   * @param known for each query's number the numbers of all its keys, ascending
   * @param tokens of all texts
   * @param parts to train on and to judge by
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Encoded(
      List<EncodedPair> all, GroupSplit.Parts<EncodedPair> parts, int[][] known, long tokens) {}

  /**
   * Encodes all pairs.
   *
   * @param split null to hold out all of them
   */
  Encoded encode(TextEncoding texts, GroupSplit split) {
    PairNumbers numbers = new PairNumbers();
    List<PairNumbers.Numbered> numbered =
        rows.stream().map(row -> numbers.add(row.left(), row.right)).toList();
    List<EncodedPair> all = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      PairNumbers.Numbered pair = numbered.get(i);
      Member.Words right = texts.encode(row.right.target());
      Member left = row.picture == null ? texts.encode(row.text) : new Member.Image(row.picture);
      all.add(
          new EncodedPair(
              left,
              right,
              negatives(row, texts, numbers),
              pair.group(),
              pair.left(),
              pair.right()));
      tokens += right.ids().length + (left instanceof Member.Words(int[] ids) ? ids.length : 0);
    }
    return new Encoded(all, parts(all, split), numbers.known(), tokens);
  }

  private GroupSplit.Parts<EncodedPair> parts(List<EncodedPair> all, GroupSplit split) {
    if (split == null) {
      return new GroupSplit.Parts<>(List.of(), all);
    }
    List<Integer> places = IntStream.range(0, rows.size()).boxed().toList();
    GroupSplit.Parts<Integer> parts = split.part(places, i -> rows.get(i).group());
    return new GroupSplit.Parts<>(
        parts.training().stream().map(all::get).toList(),
        parts.heldOut().stream().map(all::get).toList());
  }

  private static List<EncodedPair.Negative> negatives(
      Row row, TextEncoding texts, PairNumbers numbers) {
    return row.right.negatives().stream()
        .map(text -> new EncodedPair.Negative(texts.encode(text), numbers.right(text)))
        .toList();
  }

  /** The left side of a pair, for people. */
  String leftName(int index) {
    return rows.get(index).right.source();
  }

  /** The right side of a pair, for people. */
  String rightName(int index) {
    return rows.get(index).right.target();
  }
}
