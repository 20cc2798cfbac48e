package dev.culebra.train.setup;

import dev.culebra.data.batch.Blended;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.GroupSplit;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.Kept;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.read.Uncaptioned;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.PairNumbers;
import dev.culebra.objectives.pairs.TextEncoding;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Pairs of a run: texts with texts, or images with their captions. Read anew whenever a run is
 * opened, for they are few beside what a model of text alone reads.
 */
public final class ContrastData {

  /**
   * A pair as the data has it; the left side is a text or an image.
   *
   * @param source number of the source that it is from
   */
  private record Row(int source, String text, LabelledImage image, TextPair right) {

    String group() {
      return PairNumbers.group(right);
    }

    /** Equal for queries of equal content. */
    Object left() {
      return image == null ? text : right.where();
    }

    /** What a list may call the query: its text; an image's file or caption. */
    Stream<String> names() {
      return image == null ? Stream.of(text) : Stream.of(image.name(), image.caption()).distinct();
    }
  }

  private final List<DataSource> sources;
  private final List<Row> rows;
  private final KnownPositives exceptions;

  private ContrastData(List<DataSource> sources, List<Row> rows, KnownPositives exceptions) {
    this.sources = sources;
    this.rows = rows;
    this.exceptions = exceptions;
  }

  /** What is learned from when a recipe names no data. */
  public static String sample(boolean images) {
    return images ? "emoji" : PairCorpus.SAMPLE;
  }

  /** Reads pairs of texts, and the recipe's exceptions. */
  public static ContrastData texts(
      List<DataSource> sources, Recipe recipe, Consumer<String> notes) {
    List<Row> rows =
        PairCorpus.read(recipe, sources, notes).rows().stream()
            .map(row -> new Row(row.source(), row.pair().source(), null, row.pair()))
            .toList();
    return new ContrastData(sources, rows, KnownPositives.read(recipe, notes));
  }

  /**
   * Reads images with captions, and the recipe's exceptions. Images without a caption are left out.
   *
   * @throws BadInputException if no image has one
   */
  public static ContrastData images(
      List<DataSource> sources, ImageSize size, Recipe recipe, Consumer<String> notes) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      int source = i;
      List<LabelledImage> images = captioned(sources.get(i).paths(), size, recipe, notes);
      images.forEach(one -> rows.add(new Row(source, null, one, caption(one))));
    }
    return new ContrastData(sources, rows, KnownPositives.read(recipe, notes));
  }

  private static List<LabelledImage> captioned(
      List<Path> paths, ImageSize size, Recipe recipe, Consumer<String> notes) {
    Kept kept = new Kept();
    BadRows bad = RunData.badRows(recipe);
    Images files = Images.of(paths, size, DataFiles.header(recipe));
    Uncaptioned without = new Uncaptioned();
    files.read(
        bad,
        image -> {
          if (image.caption() == null) {
            without.add(image.where().file());
          } else {
            kept.accept(image);
          }
        });
    bad.tell(notes);
    without.add(files);
    List<LabelledImage> images = kept.images();
    without.note(images.size(), notes);
    if (images.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "No image in %s has a caption: write a captions.tsv (file, tab, caption) beside"
                  + " them",
              DataFiles.described(paths)));
    }
    return images;
  }

  private static TextPair caption(LabelledImage image) {
    return new TextPair(
        "an image of " + image.caption(), image.caption(), image.group(), List.of(), image.where());
  }

  /** How many pairs there are. */
  public int size() {
    return rows.size();
  }

  /**
   * What there is, for people.
   *
   * @param heldOut how many pairs are held out
   */
  public void describe(int heldOut, Consumer<String> notes) {
    String held = Format.text("%,d of them held out by group", heldOut);
    if (sources.size() == 1) {
      notes.accept(
          sources
              .getFirst()
              .described(Format.text("%s, %s", Format.count(rows.size(), "pairs"), held)));
      return;
    }
    for (int i = 0; i < sources.size(); i++) {
      int source = i;
      long count = rows.stream().filter(row -> row.source == source).count();
      notes.accept(sources.get(i).shared(Format.text("%s", Format.count(count, "pairs"))));
    }
    notes.accept(Format.text("data        %s, %s", Format.count(rows.size(), "pairs"), held));
  }

  /** Gives every text, to train a tokenizer on. */
  public void texts(Consumer<String> sink) {
    for (Row row : rows) {
      if (row.text != null) {
        sink.accept(row.text);
      }
      sink.accept(row.right.target());
      row.right.negatives().forEach(sink);
    }
  }

  /** Changes when anything in the data changes. */
  public String fingerprint() {
    CRC32C sum = new CRC32C();
    texts(text -> sum.update(text.getBytes(StandardCharsets.UTF_8)));
    for (Row row : rows) {
      sum.update(row.group().getBytes(StandardCharsets.UTF_8));
      if (row.image != null) {
        sum.update(row.image.pixels());
      }
    }
    for (TextPair row : exceptions.rows()) {
      sum.update((row.source() + '\t' + row.target()).getBytes(StandardCharsets.UTF_8));
    }
    return Long.toHexString((long) rows.size() << 32 | sum.getValue());
  }

  /**
   * Pairs ready for a model.
   *
   * @param known for each query's number the numbers of all keys that fit it, ascending
   * @param training to train on; null if all are held out
   * @param heldOut to evaluate on
   * @param tokens of all texts
   * @param exceptions what is to be said of the list of exceptions; empty if there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Encoded(
      List<EncodedPair> all,
      int[][] known,
      Blended<EncodedPair> training,
      List<EncodedPair> heldOut,
      long tokens,
      String exceptions) {}

  /**
   * Encodes all pairs.
   *
   * @param split null to hold out all of them
   */
  public Encoded encode(TextEncoding texts, GroupSplit split) {
    PairNumbers numbers = new PairNumbers();
    List<PairNumbers.Numbered> numbered =
        rows.stream().map(row -> numbers.add(row.left(), row.right)).toList();
    String excepted = except(numbers, numbered);
    List<EncodedPair> all = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      PairNumbers.Numbered pair = numbered.get(i);
      EncoderInput.Words right = texts.encode(row.right.target());
      EncoderInput left =
          row.image == null ? texts.encode(row.text) : new EncoderInput.Image(row.image);
      all.add(
          new EncodedPair(
              left,
              right,
              negatives(row, texts, numbers),
              pair.group(),
              pair.left(),
              pair.right()));
      tokens +=
          right.ids().length + (left instanceof EncoderInput.Words(int[] ids) ? ids.length : 0);
    }
    if (split == null) {
      return new Encoded(all, numbers.known(), null, all, tokens, excepted);
    }
    List<Integer> indices = IntStream.range(0, rows.size()).boxed().toList();
    boolean images = rows.getFirst().image != null;
    SourceSplit<Integer> parts =
        SourceSplit.of(
            images
                ? split.images(indices, i -> rows.get(i).image)
                : split.pairs(indices, i -> rows.get(i).right),
            sources,
            i -> rows.get(i).source);
    List<List<EncodedPair>> training =
        parts.training().stream().map(side -> side.stream().map(all::get).toList()).toList();
    return new Encoded(
        all,
        numbers.known(),
        new Blended<>(training, DataSource.weights(sources)),
        parts.heldOut().stream().map(all::get).toList(),
        tokens,
        excepted);
  }

  /** Makes the exceptions known; returns what is to be said of them. */
  private String except(PairNumbers numbers, List<PairNumbers.Numbered> numbered) {
    if (exceptions.rows().isEmpty()) {
      return "";
    }
    Map<String, List<Integer>> queries = new HashMap<>();
    for (int i = 0; i < rows.size(); i++) {
      int query = numbered.get(i).left();
      rows.get(i)
          .names()
          .forEach(name -> queries.computeIfAbsent(name, _ -> new ArrayList<>()).add(query));
    }
    return exceptions.summary(exceptions.join(numbers, queries));
  }

  private static List<EncodedPair.Negative> negatives(
      Row row, TextEncoding texts, PairNumbers numbers) {
    return row.right.negatives().stream()
        .map(text -> new EncodedPair.Negative(texts.encode(text), numbers.right(text)))
        .toList();
  }

  /** The left side of a pair, for people. */
  public String leftName(int index) {
    return rows.get(index).right.source();
  }

  /** The right side of a pair, for people. */
  public String rightName(int index) {
    return rows.get(index).right.target();
  }
}
