package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file that says in which of several safetensors files a tensor lies, {@code
 * model.safetensors.index.json}, as transformers reads and writes it.
 *
 * @param file the index itself; shards lie beside it
 * @param shards the shard of each tensor
 */
public record ShardIndex(Path file, Map<String, String> shards) {

  /** What the name of an index adds to that of the file in whose place it stands. */
  public static final String SUFFIX = ".index.json";

  private static final String EXTENSION = ".safetensors";
  private static final String MAP = "weight_map";

  /** Sizes say nothing that the shards do not say themselves. */
  private static final KeyTable KEYS =
      KeyTable.of("an index of shards").honoured(MAP).ignored("metadata");

  /** Whether a file is an index, by its name. */
  static boolean is(Path file) {
    return file.getFileName().toString().endsWith(SUFFIX);
  }

  /**
   * Reads an index.
   *
   * @throws BadInputException if it is none, or names a file outside its folder or one that is not
   *     there
   */
  public static ShardIndex read(Path file) {
    JsonNode root = Json.read(file);
    KEYS.check(file, root);
    JsonNode map = root.path(MAP);
    if (!map.isObject() || map.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "%s: %s should say for each tensor in which file it lies, but %s",
              file, MAP, map.isMissingNode() ? "is missing" : "does not"));
    }
    Map<String, String> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      shards.put(entry.getKey(), shard(file, entry.getKey(), entry.getValue()));
    }
    return new ShardIndex(file, shards);
  }

  private static String shard(Path file, String tensor, JsonNode value) {
    String name = value.isString() ? value.stringValue() : "";
    if (!isBeside(file, name) || !name.endsWith(EXTENSION)) {
      throw new BadInputException(
          Format.text(
              "%s: %s names %s for tensor %s; a file beside the index is needed, whose name ends"
                  + " with %s",
              file, MAP, value, IoErrors.quote(tensor), EXTENSION));
    }
    if (!Files.isRegularFile(file.resolveSibling(name))) {
      throw new BadInputException(
          Format.text(
              "%s names the shard %s, but there is no such file beside it: fetch it too",
              file, name));
    }
    return name;
  }

  /** Whether a name is one of a file in the same folder, and can be one on this system. */
  private static boolean isBeside(Path file, String name) {
    try {
      return name.matches("[^/\\\\:\\p{Cntrl}]+") && file.resolveSibling(name) != null;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * Opens all shards.
   *
   * @param opened receives them, so that the caller can close them
   * @throws BadInputException if a shard lacks a tensor, or holds one that should lie elsewhere
   */
  void open(List<Safetensors> opened) {
    Map<String, Safetensors> byName = new HashMap<>();
    for (String name : new TreeSet<>(shards.values())) {
      Safetensors shard = Safetensors.open(file.resolveSibling(name));
      opened.add(shard);
      byName.put(name, shard);
      for (String tensor : shard.names()) {
        String place = shards.get(tensor);
        if (!name.equals(place)) {
          throw new BadInputException(
              Format.text(
                  "%s holds tensor %s, but %s %s: fetch index and shards again, from one place",
                  shard,
                  IoErrors.quote(tensor),
                  file.getFileName(),
                  place == null ? "does not name it" : "says that it lies in " + place));
        }
      }
    }
    shards.forEach(
        (tensor, name) -> {
          if (!byName.get(name).contains(tensor)) {
            throw new BadInputException(
                Format.text(
                    "%s says that tensor %s lies in %s, but it does not: fetch index and shards"
                        + " again, from one place",
                    file, IoErrors.quote(tensor), name));
          }
        });
  }

  /**
   * Writes tensors into one file, or into several with an index if they are more than so many
   * bytes. Whoever reads the folder sees the tensors of the earlier save or these, never some of
   * either: shards get names that the earlier index does not name, and the index is replaced last.
   * What the earlier save left is deleted then: the name for the other way of writing, which would
   * be read in its place, and the shards of its index. No other file is.
   *
   * @param place of the one file, {@code FOLDER/NAME.safetensors}
   * @param most bytes of tensors in a file; a larger tensor has one of its own
   */
  public static void write(Path place, SafetensorsWriter tensors, long most) throws IOException {
    List<SafetensorsWriter> parts = tensors.shards(most);
    Path index = place.resolveSibling(place.getFileName() + SUFFIX);
    String stem = place.getFileName().toString().replace(EXTENSION, "");
    Set<String> stale = named(index, stem);
    if (parts.size() == 1) {
      parts.getFirst().write(place);
      stale.add(index.getFileName().toString());
      delete(place, stale);
      return;
    }
    List<String> names = names(stem, parts.size(), stale);
    Map<String, String> shards = new TreeMap<>();
    long bytes = 0;
    for (int i = 0; i < parts.size(); i++) {
      SafetensorsWriter part = parts.get(i);
      part.write(place.resolveSibling(names.get(i)));
      for (TensorSpec spec : part.tensors()) {
        shards.put(spec.name(), names.get(i));
        bytes += spec.bytes();
      }
    }
    ObjectNode root = Json.MAPPER.createObjectNode();
    root.putObject("metadata").put("total_size", bytes);
    ObjectNode map = root.putObject(MAP);
    shards.forEach(map::put);
    DurableFiles.replace(index, Json.content(root));
    stale.add(place.getFileName().toString());
    delete(place, stale);
  }

  /** The usual names of shards, or, if an earlier save has one of them, others. */
  private static List<String> names(String stem, int count, Set<String> taken) {
    for (int save = 1; ; save++) {
      String begin = save == 1 ? stem : stem + "-" + save;
      List<String> names =
          IntStream.rangeClosed(1, count)
              .mapToObj(i -> Format.text("%s-%05d-of-%05d%s", begin, i, count, EXTENSION))
              .toList();
      if (Collections.disjoint(names, taken)) {
        return names;
      }
    }
  }

  /** The shards that an earlier index names, if their names are such as are written here. */
  private static Set<String> named(Path index, String stem) {
    Set<String> names = new TreeSet<>();
    if (Files.isRegularFile(index)) {
      try {
        Json.read(index).path(MAP).valueStream().forEach(name -> names.add(name.stringValue("")));
      } catch (BadInputException e) {
        names.clear(); // damaged: who knows whose they are
      }
    }
    String ours = Pattern.quote(stem) + "(-\\d+)?-\\d{5}-of-\\d{5}" + Pattern.quote(EXTENSION);
    names.removeIf(name -> !name.matches(ours));
    return names;
  }

  private static void delete(Path beside, Set<String> names) throws IOException {
    for (String name : names) {
      Files.deleteIfExists(beside.resolveSibling(name));
    }
    Disk.REAL.syncFolder(beside.toAbsolutePath().getParent());
  }
}
