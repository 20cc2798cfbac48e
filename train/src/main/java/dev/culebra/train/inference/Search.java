package dev.culebra.train.inference;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.TextLines;
import dev.culebra.data.read.TextPairs;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.TextPrompts.Use;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ContrastData;
import dev.culebra.train.setup.DataFiles;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.RunData;
import dev.culebra.train.setup.TrainedRecipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Finds what lies nearest to a query, by a trained dual encoder. Threads that search at once take
 * turns, also with others that use the device.
 */
public final class Search implements AutoCloseable {

  /**
   * Something near.
   *
   * @param name a text, or the file of an image
   * @param score the cosine of its embedding and the query's, or their product where its folder
   *     says so
   */
  public record Found(String name, double score) {}

  private final Device device;
  private final Path folder;
  private final Recipe recipe;
  private final OpenDual open;
  private final boolean byProduct;

  private Search(Device device, Path folder, OpenDual open) {
    this.device = device;
    this.folder = folder;
    this.recipe = RunFolder.exists(folder) ? ofPairs(TrainedRecipe.of(folder)) : Recipe.empty();
    this.open = open;
    this.byProduct = open.prompts().byProduct();
  }

  /** In a sum, what is searched is what its part compares. */
  private static Recipe ofPairs(Recipe recipe) {
    return recipe.get(Settings.OBJECTIVE).equals("multi")
        ? ObjectiveMix.of(recipe).contrast().recipe()
        : recipe;
  }

  /** Opens the model of a run's folder or a model folder. */
  public static Search open(Path folder, Device device) {
    OpenDual open = OpenDual.open(folder, device, "search");
    try {
      return new Search(device, folder, open);
    } catch (RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /** Things to find, by name, and the tower that reads them. */
  private record Candidates(SequencedMap<String, EncoderInput> members, boolean left) {}

  /**
   * What lies nearest to a query, the nearest first.
   *
   * @param query a text; or where the model reads images, perhaps the file of one
   * @param data a file of texts, one to a line; pairs (.tsv, .csv, .jsonl, .json), whose second
   *     texts are taken; images; a folder of one of these, as the run reads it; null for the data
   *     of the run
   * @param top how many, at least 1
   * @param notes is told what cannot be searched
   */
  public List<Found> nearest(String query, Path data, int top, Consumer<String> notes) {
    if (top < 1) {
      throw new BadInputException("--top must be at least 1, not " + top);
    }
    try (Turns.Turn _ = device.turn()) {
      return inTurn(query, data, top, notes);
    }
  }

  private List<Found> inTurn(String query, Path data, int top, Consumer<String> notes) {
    float[] wanted = query(query);
    Candidates among = candidates(data == null ? ofRun() : List.of(data), notes);
    float[][] all = embed(List.copyOf(among.members.values()), among.left);
    List<Found> found = new ArrayList<>();
    int i = 0;
    for (String name : among.members.keySet()) {
      found.add(new Found(name, Embedder.product(wanted, all[i++])));
    }
    found.sort(Comparator.comparingDouble(Found::score).reversed());
    return List.copyOf(found.subList(0, Math.min(top, found.size())));
  }

  private float[] query(String query) {
    ImageSize size = open.room().images();
    if (size == null) {
      return embed(List.of(text(query)), true)[0];
    }
    boolean image = query.matches("(?i).+\\.(png|jpe?g)") && Files.isRegularFile(Path.of(query));
    return image
        ? embed(List.copyOf(images(List.of(Path.of(query)), size, new BadRows()).values()), true)[0]
        : embed(List.of(text(query)), false)[0];
  }

  private List<Path> ofRun() {
    if (!RunFolder.exists(folder)) {
      throw new BadInputException(folder + " is a model without a run: give --data to search in");
    }
    return DataFiles.paths(recipe, ContrastData.sample(open.room().images() != null));
  }

  private Candidates candidates(List<Path> paths, Consumer<String> notes) {
    List<Path> images = paths.stream().flatMap(path -> Images.files(path).stream()).toList();
    if (!images.isEmpty()) {
      ImageSize size = open.room().images();
      if (size == null) {
        throw new BadInputException(
            Format.text(
                "%s holds images, but %s holds a model of texts alone: give texts to search in,"
                    + " or a model of clip or siglip",
                paths.getFirst(), folder));
      }
      BadRows bad = RunData.badRows(recipe);
      Candidates found = new Candidates(images(images, size, bad), true);
      bad.tell(notes);
      return found;
    }
    SequencedMap<String, EncoderInput> texts = new LinkedHashMap<>();
    for (Path path : paths) {
      BadRows bad = RunData.badRows(recipe);
      for (String text : texts(path, recipe, bad)) {
        texts.computeIfAbsent(text, this::document);
      }
      bad.tell(notes);
    }
    if (texts.isEmpty()) {
      throw new BadInputException(paths.getFirst() + " has no text to search in");
    }
    return new Candidates(texts, false);
  }

  private static SequencedMap<String, EncoderInput> images(
      List<Path> files, ImageSize size, BadRows bad) {
    SequencedMap<String, EncoderInput> images = new LinkedHashMap<>();
    Images.of(files, size)
        .read(
            bad, (LabelledImage p) -> images.put(p.where().toString(), new EncoderInput.Image(p)));
    return images;
  }

  private static List<String> texts(Path path, Recipe recipe, BadRows bad) {
    List<String> texts = new ArrayList<>();
    boolean folder = Files.isDirectory(path);
    if (TextPairs.areIn(path)) {
      TextPairs.of(List.of(path), DataFiles.fields(recipe))
          .read(bad, pair -> texts.add(pair.target()));
    } else if (folder) {
      RunData.corpus(recipe, List.of(path))
          .read(bad, document -> lines(document.text().lines(), texts));
    } else if (Files.isRegularFile(path)) {
      lines(TextLines.read(path).stream(), texts);
    } else {
      throw new BadInputException("there is no file or folder " + path);
    }
    return texts;
  }

  private static void lines(Stream<String> lines, List<String> texts) {
    lines.map(String::strip).filter(line -> !line.isEmpty()).forEach(texts::add);
  }

  private EncoderInput text(String text) {
    return open.typed(open.prompts().prompt(Use.QUERY), text);
  }

  private EncoderInput document(String text) {
    return open.text(open.prompts().prompt(Use.DOCUMENT), text);
  }

  private float[][] embed(List<EncoderInput> members, boolean left) {
    float[][] all = open.embed(members, left);
    if (!byProduct) {
      for (float[] one : all) {
        Embedder.toUnitLength(one);
      }
    }
    return all;
  }

  /** The figures of {@code --json}. */
  public static Map<String, Object> toMap(String query, List<Found> found) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("query", query);
    map.put(
        "nearest",
        found.stream()
            .map(
                one -> {
                  Map<String, Object> row = new LinkedHashMap<>();
                  row.put("name", one.name());
                  row.put("score", one.score());
                  return row;
                })
            .toList());
    return map;
  }

  /** Frees the model. */
  @Override
  public void close() {
    open.close();
  }
}
