package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * The emoji.json of the packages {@code emoji-datasource-*}: an array of emoji with name and image,
 * which is below {@code img/*}{@code /64}. An emoji in several skin tones is one group, captioned
 * by its name.
 */
final class EmojiTable {
  static final String NAME = "emoji.json";
  private static final PairFields FIELDS = new PairFields("image", "name", "group", "negatives");

  private EmojiTable() {}

  /** Gives a row per image: its file from the table's folder on, the name, the group. */
  static void read(Path file, BadRows bad, Consumer<TextPair> sink) {
    String images = images(file);
    InputFile.read(
        file,
        in -> {
          Place whole = Place.of(file);
          String json = StrictUtf8.decode(in.readAllBytes(), file);
          JsonNode table = JsonPair.parse(whole, json);
          if (!table.isArray()) {
            throw new BadInputException(file + " is not an array of emoji");
          }
          long number = 0;
          for (JsonNode emoji : table) {
            Place where = new Place(file, ++number);
            bad.take(() -> rows(emoji, images, where)).forEach(sink);
          }
        });
  }

  private static List<TextPair> rows(JsonNode emoji, String images, Place where) {
    String name = JsonPair.string(emoji, "name", where).toLowerCase(Locale.ROOT);
    List<TextPair> rows = new ArrayList<>();
    rows.add(row(emoji, name, images, where));
    for (JsonNode tone : emoji.path("skin_variations")) {
      rows.add(row(tone, name, images, where));
    }
    return rows;
  }

  private static TextPair row(JsonNode emoji, String name, String images, Place where) {
    String image = images + JsonPair.string(emoji, "image", where);
    return FIELDS.pair(image, name, name, List.of(), where);
  }

  /** The one folder of images, seen from the table's. */
  static String images(Path table) {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> vendors =
        Files.newDirectoryStream(table.resolveSibling("img"), Files::isDirectory)) {
      for (Path vendor : vendors) {
        if (Files.isDirectory(vendor.resolve("64"))) {
          found.add("img/" + vendor.getFileName() + "/64/");
        }
      }
    } catch (IOException e) {
      throw new BadInputException(table + " has no folder img beside it", e);
    }
    if (found.size() != 1) {
      throw new BadInputException(
          Format.text("%s needs one folder img/*/64 beside it, not %d", table, found.size()));
    }
    return found.getFirst();
  }
}
