package dev.culebra.train.recipe;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * A YAML file of settings, under nested or dotted keys. Every complaint names the line and the
 * column that it is about.
 */
final class RecipeFile {

  private static final String NOT_YAML = ": this is not YAML: ";

  private final String where;
  private final JsonParser parser;
  private final Map<String, Integer> lines = new HashMap<>();
  private Recipe recipe = Recipe.empty();

  private RecipeFile(String where, JsonParser parser) {
    this.where = where;
    this.parser = parser;
  }

  /**
   * Reads a file.
   *
   * @throws BadInputException if it is missing, cannot be read, or does not hold a recipe
   */
  static Recipe read(Path file) {
    if (!Files.exists(file)) {
      throw new BadInputException(
          "there is no file " + file + ": a recipe is a YAML file of settings");
    }
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(file + " is no file: a recipe is a YAML file of settings");
    }
    try {
      return parse(Files.readString(file), file.toString());
    } catch (CharacterCodingException e) {
      throw new BadInputException(file + " is not UTF-8: convert it to UTF-8", e);
    } catch (IOException e) {
      throw new BadInputException("cannot read the recipe " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a text.
   *
   * @param where it comes from, for complaints
   * @throws BadInputException if it does not hold a recipe
   */
  static Recipe parse(String yaml, String where) {
    YAMLMapper mapper = new YAMLMapper();
    try (JsonParser syntax = mapper.createParser(yaml);
        JsonParser parser = mapper.createParser(yaml)) {
      while (syntax.nextToken() != null) {
        // a line that is no YAML spoils the meaning of those before it: it is named first
      }
      return new RecipeFile(where, parser).all();
    } catch (JacksonException e) {
      throw new BadInputException(syntax(e, where), e);
    }
  }

  private static String syntax(JacksonException e, String where) {
    if (e.getCause() instanceof MarkedYamlEngineException marked
        && marked.getProblem() != null
        && marked.getProblemMark().isPresent()) {
      Mark mark = marked.getProblemMark().get();
      return place(where, mark.getLine() + 1, mark.getColumn() + 1)
          + NOT_YAML
          + marked.getProblem();
    }
    TokenStreamLocation location = e.getLocation();
    String place =
        location == null ? where : place(where, location.getLineNr(), location.getColumnNr());
    return place + NOT_YAML + e.getOriginalMessage();
  }

  private static String place(String where, int line, int column) {
    return line < 1 ? where : Format.text("%s, line %d, column %d", where, line, column);
  }

  /** The place of the token that was read last. */
  private String here() {
    TokenStreamLocation location = parser.currentTokenLocation();
    return place(where, location.getLineNr(), location.getColumnNr());
  }

  private Recipe all() {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      throw new BadInputException(where + ": a recipe is a list of keys and values; this is empty");
    }
    if (first != JsonToken.START_OBJECT) {
      throw new BadInputException(here() + ": a recipe is a list of keys and values");
    }
    keys("");
    if (parser.nextToken() != null) {
      throw new BadInputException(here() + ": a recipe is one document; here a second one begins");
    }
    return recipe;
  }

  /** Reads the keys of an object to its end. */
  private void keys(String prefix) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = prefix + parser.currentName();
      String place = here();
      int line = parser.currentTokenLocation().getLineNr();
      JsonToken token = parser.nextToken();
      if (((YAMLParser) parser).isCurrentAlias()) {
        throw new BadInputException(
            here() + ": " + key + " refers to another place of the file: write its value here");
      }
      switch (token) {
        case START_OBJECT -> keys(key + ".");
        case START_ARRAY ->
            throw new BadInputException(place + ": " + key + " takes one value, not a list");
        case null -> throw new BadInputException(place + ": " + key + " has no value");
        default -> set(key, token == JsonToken.VALUE_NULL ? "" : parser.getString(), place, line);
      }
    }
  }

  private void set(String key, String value, String place, int line) {
    recipe = recipe.with(key, value, place);
    Integer before = lines.putIfAbsent(key, line);
    if (before != null) {
      throw new BadInputException(
          Format.text("%s: %s is set a second time; the first is in line %d", place, key, before));
    }
  }
}
