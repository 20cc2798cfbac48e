package dev.culebra.cli;

import dev.culebra.data.read.Images;
import dev.culebra.data.read.PairFields;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.DataFiles;
import dev.culebra.train.setup.RecipeObjective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What an objective of pairs asks of a handful of them, by the recipe that ships for it.
 *
 * @param recipe the recipe
 * @param sample the pairs
 * @param images what becomes of images; null for pairs of texts
 * @param sizes of the images
 * @param contrast what is asked of the matrix of pairs; null for nothing
 * @param caption the first caption as it is written; null if none is
 * @param masked the first caption with masked tokens; null if none are
 */
record PairInspection(
    Recipe recipe,
    PairSample sample,
    ImageInfo images,
    List<ImageInfo.Size> sizes,
    ContrastInspection contrast,
    CaptionRows caption,
    Inspection masked) {

  /** The objectives that learn from pairs, with what a model learns to do. */
  static final Map<String, String> TASKS =
      Map.of(
          "contrastive", "finds the text that belongs to a text",
          "clip", "finds the caption of an image, and the image of a caption",
          "siglip", "tells whether two things belong together",
          "caption", "writes the caption of an image",
          "coca", "finds, writes and fills in the captions of images");

  /** Columns that a text may take beside the rest of its row, at least. */
  private static final int NARROWEST = 16;

  /** What is asked for on the command line; null where nothing is. */
  record Request(
      String objective,
      String profile,
      List<String> assignments,
      Path data,
      Tokenizer tokenizer,
      long seed) {

    Recipe recipe() {
      Recipe recipe = Assignments.set(Recipe.named(objective), assignments);
      return profile == null ? recipe : recipe.with(Settings.CONTRAST, profile);
    }

    /** Whether captions are written, alone or beside other things. */
    boolean writes() {
      return objective.equals("caption") || objective.equals("coca");
    }

    /** Whether both sides are texts: siglip has images unless it is given a file of pairs. */
    boolean texts() {
      return objective.equals("contrastive")
          || objective.equals("siglip") && data != null && Files.isRegularFile(data);
    }
  }

  /**
   * Reads pairs and lets an objective work on them.
   *
   * @param notes gets a sentence if rows of the data had to be left out
   */
  static PairInspection of(Request asked, Consumer<String> notes) {
    if (asked.tokenizer != null && !asked.writes()) {
      throw new BadInputException(
          Format.text("--tokenizer has nothing to show: %s compares whole texts", asked.objective));
    }
    Recipe recipe = asked.recipe();
    boolean contrasts = !asked.writes() || recipe.get(Settings.WEIGHT_CONTRASTIVE) > 0;
    if (asked.profile != null && !contrasts) {
      throw new BadInputException(
          Format.text(
              "--profile is the loss of pairs, which %s does not compare", asked.objective));
    }
    PairSample sample = sample(asked, notes);
    ImageInfo images = asked.texts() ? null : ImageInfo.of(recipe);
    List<ImageInfo.Size> sizes =
        images == null
            ? List.of()
            : sample.pairs().stream()
                .map(pair -> images.size(Images.named(sample.file(), pair.source())))
                .toList();
    PairInspection compared =
        new PairInspection(
            recipe,
            sample,
            images,
            sizes,
            contrasts ? contrast(asked, recipe, sample) : null,
            null,
            null);
    return asked.writes() ? compared.written(asked) : compared;
  }

  private static PairSample sample(Request asked, Consumer<String> notes) {
    if (asked.texts()) {
      Path file = asked.data == null ? shipped("pairs.tsv") : asked.data;
      return PairSample.of(file, DataFiles.fields(asked.recipe()), notes);
    }
    Path folder = asked.data == null ? shipped("emoji") : asked.data;
    PairFields fields = PairFields.CAPTIONS.with(DataFiles.header(asked.recipe()));
    return PairSample.of(captions(folder), fields, notes);
  }

  private static ContrastInspection contrast(Request asked, Recipe recipe, PairSample sample) {
    String usual = asked.objective.equals("siglip") ? "siglip" : "clip";
    String given = recipe.get(Settings.CONTRAST);
    String profile = given.equals("auto") ? usual : given;
    return ContrastInspection.of(asked.objective, profile, sample);
  }

  /** With what becomes of the first caption. */
  private PairInspection written(Request asked) {
    String first = sample.pairs().getFirst().target();
    InspectTokenizer lexicon =
        asked.tokenizer == null
            ? InspectTokenizer.words(List.of(first))
            : InspectTokenizer.of(asked.tokenizer);
    CaptionRows rows = CaptionRows.of(first, lexicon, recipe.get(Settings.CONTEXT), images.rows());
    List<Text> texts = List.of(lexicon.read().apply(first));
    Inspection hidden =
        recipe.get(Settings.WEIGHT_MASKED) > 0
            ? Inspection.of(
                RecipeObjective.of(TextObjective.MLM, "fairseq"), asked.seed, 0, texts, lexicon)
            : null;
    return new PairInspection(recipe, sample, images, sizes, contrast, rows, hidden);
  }

  private static Path shipped(String name) {
    Path home = Path.of(System.getProperty("culebra.home", ""));
    Path path = home.resolve("data").resolve("sample").resolve(name);
    if (!Files.exists(path)) {
      throw new BadInputException(
          Format.text(
              "the sample is not at %s: give --data, or start the program in its own folder",
              path.toAbsolutePath()));
    }
    return path;
  }

  /** The caption file of a folder. */
  private static Path captions(Path folder) {
    if (!Files.exists(folder)) {
      throw new BadInputException("There is no file or folder " + folder);
    }
    return Images.captions(folder)
        .orElseThrow(
            () ->
                new BadInputException(
                    Format.text(
                        "%s is no folder of images with a captions.tsv, .csv or .jsonl", folder)));
  }

  private String objective() {
    return recipe.get(Settings.OBJECTIVE);
  }

  /**
   * For people.
   *
   * @param width how many columns a line may have
   */
  List<String> lines(int width) {
    List<String> lines = new ArrayList<>();
    lines.add(Format.text("%s: a model %s", objective(), TASKS.get(objective())));
    lines.add(
        Format.text(
            "%s%d of %s in %s",
            contrast == null ? "" : Format.text("profile %s, ", contrast.profile()),
            sample.pairs().size(),
            Format.count(sample.rows(), "pairs"),
            sample.file()));
    lines.add("");
    lines.addAll(pairs(width));
    if (images != null) {
      lines.add("images: " + images.line());
    }
    if (contrast != null) {
      head("contrastive", Settings.WEIGHT_CONTRASTIVE, lines);
      lines.addAll(contrast.lines());
    }
    if (caption != null) {
      head("caption of pair 0", Settings.WEIGHT_CAPTION, lines);
      lines.addAll(caption.lines());
    }
    if (masked != null) {
      head("masked caption of pair 0", Settings.WEIGHT_MASKED, lines);
      lines.add(
          Format.text(
              "cross attention: every row sees all %s of its image",
              Format.count(images.rows(), "rows")));
      lines.addAll(new InspectionView(masked, width).lines().stream().skip(1).toList());
    }
    return lines;
  }

  /** Above a part of the loss, if it has several. */
  private void head(String part, Setting<Double> weight, List<String> lines) {
    lines.add("");
    if (caption != null) {
      lines.add(
          Format.text(
              "%s, weight %s in the loss", part, ContrastInspection.number(recipe.get(weight))));
    }
  }

  private List<String> pairs(int width) {
    boolean ofImages = images != null;
    int groups = sample.pairs().stream().mapToInt(pair -> group(pair).length()).max().orElse(0);
    int rest = groups + (ofImages ? 50 : 10);
    int most = Math.max(NARROWEST, (width - rest) / (ofImages ? 1 : 2));
    Table table = new Table(0);
    table.row(
        ofImages
            ? new String[] {"pair", "image", "pixels", "caption", "group"}
            : new String[] {"pair", "left", "right", "group"});
    for (int i = 0; i < sample.pairs().size(); i++) {
      TextPair pair = sample.pairs().get(i);
      List<String> cells = new ArrayList<>(List.of(Integer.toString(i)));
      cells.add(ofImages ? pair.source() : cut(pair.source(), most));
      if (ofImages) {
        cells.add(sizes.get(i).toString());
      }
      cells.add(cut(pair.target(), most));
      cells.add(group(pair));
      table.row(cells.toArray(String[]::new));
    }
    return table.lines();
  }

  private static String group(TextPair pair) {
    return pair.group() == null ? "" : pair.group();
  }

  private static String cut(String text, int most) {
    int length = text.codePointCount(0, text.length());
    return length <= most ? text : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  /** For programs. */
  Map<String, Object> toMap() {
    List<Map<String, Object>> pairs = new ArrayList<>();
    for (int i = 0; i < sample.pairs().size(); i++) {
      TextPair pair = sample.pairs().get(i);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put(images == null ? "left" : "image", pair.source());
      if (images != null) {
        row.put("width", sizes.get(i).width());
        row.put("height", sizes.get(i).height());
      }
      row.put(images == null ? "right" : "caption", pair.target());
      row.put("group", pair.group());
      pairs.add(row);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("objective", objective());
    map.put("data", sample.file().toString());
    map.put("of", sample.rows());
    map.put("pairs", pairs);
    map.put("images", images == null ? null : images.toMap());
    map.put(
        "contrastive",
        contrast == null ? null : weighted(contrast.toMap(), Settings.WEIGHT_CONTRASTIVE));
    map.put("caption", caption == null ? null : weighted(caption.toMap(), Settings.WEIGHT_CAPTION));
    map.put("masked", masked == null ? null : weighted(masked.toMap(), Settings.WEIGHT_MASKED));
    return map;
  }

  /** A part of the loss with its weight; what stands alone has none. */
  private Map<String, Object> weighted(Map<String, Object> part, Setting<Double> weight) {
    if (caption != null) {
      part.put("weight", recipe.get(weight));
    }
    return part;
  }
}
