package dev.culebra.train.inference;

import dev.culebra.data.token.TokenFiles;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.GenerationKeys;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoublePredicate;
import tools.jackson.databind.JsonNode;

/**
 * How a model shall write by the {@code generation_config.json} of its folder, or, in older
 * folders, by its {@code config.json}.
 *
 * @param asked what is not null stands where the user gives nothing
 * @param rules what holds for every text
 * @param longest tokens of prompt and output together; 0 for any number
 */
record GenerationFile(GenerationOptions.Asked asked, WritingRules rules, int longest) {

  /** No file. */
  static final GenerationFile NONE =
      new GenerationFile(GenerationOptions.Asked.NOTHING, WritingRules.NONE, 0);

  /**
   * Reads the files of a folder, and says what is not followed.
   *
   * @param ids how many token ids the model knows
   * @throws BadInputException if a value is not one
   */
  static GenerationFile read(Path folder, int ids) {
    Path place = folder.resolve(TokenFiles.GENERATION);
    boolean own = Files.exists(place);
    Path file = own ? place : folder.resolve(ModelFolder.CONFIG);
    if (!Files.exists(file)) {
      return NONE;
    }
    JsonNode root = Json.read(file);
    if (own) {
      GenerationKeys.KEYS.check(file, root);
      noteOthers(folder, root);
    }
    return new Reading(file, root, ids).all();
  }

  /** Says where config.json has other wishes, which do not count beside the file. */
  private static void noteOthers(Path folder, JsonNode root) {
    Path config = folder.resolve(ModelFolder.CONFIG);
    if (!Files.isRegularFile(config)) {
      return;
    }
    JsonNode other = Json.read(config);
    List<String> keys =
        GenerationKeys.ofDrawing()
            .filter(other::hasNonNull)
            .filter(key -> !other.get(key).equals(root.get(key)))
            .toList();
    if (!keys.isEmpty()) {
      Notes.tell(
          Format.text(
              "%s says %s in another way than %s, which counts",
              config, String.join(", ", keys), TokenFiles.GENERATION));
    }
  }

  private record Reading(Path file, JsonNode root, int ids) {

    GenerationFile all() {
      GenerationKeys.NEUTRAL.forEach(this::tell);
      Boolean draws = flag("do_sample");
      Double temperature = real("temperature", t -> t >= 0 && t <= 100, "from 0 to 100");
      Double topP = real("top_p", p -> p > 0 && p <= 1, "above 0 and at most 1");
      Double minP = real("min_p", p -> p >= 0 && p <= 1, "from 0 to 1");
      Double penalty = real("repetition_penalty", p -> p > 0, "above 0");
      if (Boolean.FALSE.equals(draws)) {
        temperature = 0.0;
      } else if (Boolean.TRUE.equals(draws) && temperature == null) {
        temperature = 1.0;
      }
      GenerationOptions.Asked asked =
          new GenerationOptions.Asked(count("max_new_tokens"), temperature, count("top_k"), topP);
      int forced = list("forced_eos_token_id").stream().findFirst().orElse(-1);
      WritingRules rules =
          new WritingRules(
              penalty == null ? 1 : penalty,
              orZero(count("no_repeat_ngram_size")),
              words(),
              orZero(count("min_length")),
              orZero(count("min_new_tokens")),
              list("suppress_tokens"),
              list("begin_suppress_tokens"),
              forced,
              minP == null ? 0 : minP);
      return new GenerationFile(asked, rules, orZero(count("max_length")));
    }

    private static int orZero(Integer count) {
      return count == null ? 0 : count;
    }

    private void tell(String key, List<Object> neutral) {
      JsonNode value = root.path(key);
      if (value.isMissingNode() || value.isNull()) {
        return;
      }
      boolean same =
          neutral.stream()
              .anyMatch(
                  one ->
                      one instanceof Boolean flag
                          ? value.isBoolean() && value.booleanValue() == flag
                          : value.isNumber()
                              && value.doubleValue() == ((Number) one).doubleValue());
      if (!same) {
        Notes.tell(
            Format.text(
                "%s: %s %s is not followed: %s",
                file,
                key,
                shown(value),
                key.equals("num_beams")
                    ? "one text is written, token by token"
                    : "texts are written without it"));
      }
    }

    private static String shown(JsonNode value) {
      String text = value.toString();
      return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }

    private Boolean flag(String key) {
      JsonNode value = root.path(key);
      if (value.isMissingNode() || value.isNull()) {
        return null;
      }
      if (!value.isBoolean()) {
        throw bad(key, "true or false");
      }
      return value.booleanValue();
    }

    private Integer count(String key) {
      JsonNode value = root.path(key);
      if (value.isMissingNode() || value.isNull()) {
        return null;
      }
      if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
        throw bad(key, "a whole number from 0");
      }
      return value.intValue();
    }

    private Double real(String key, DoublePredicate fits, String wanted) {
      JsonNode value = root.path(key);
      if (value.isMissingNode() || value.isNull()) {
        return null;
      }
      if (!value.isNumber() || !fits.test(value.doubleValue())) {
        throw bad(key, "a number " + wanted);
      }
      return value.doubleValue();
    }

    /** Ids of a key that holds one, a list or nothing. */
    private List<Integer> list(String key) {
      return ids(key, root.path(key));
    }

    private List<Integer> ids(String key, JsonNode value) {
      List<Integer> all = new ArrayList<>();
      for (JsonNode one : value.isArray() ? value : List.of(value)) {
        if (one.isMissingNode() || one.isNull()) {
          continue;
        }
        if (!one.isIntegralNumber()
            || !one.canConvertToInt()
            || one.intValue() < 0
            || one.intValue() >= ids) {
          throw bad(key, Format.text("token ids from 0 to %d", ids - 1));
        }
        all.add(one.intValue());
      }
      return all;
    }

    private List<List<Integer>> words() {
      List<List<Integer>> all = new ArrayList<>();
      for (JsonNode word : root.path("bad_words_ids")) {
        List<Integer> one = ids("bad_words_ids", word);
        if (!one.isEmpty()) {
          all.add(one);
        }
      }
      return all;
    }

    private BadInputException bad(String key, String wanted) {
      return new BadInputException(
          Format.text("%s: %s must be %s, not %s", file, key, wanted, shown(root.path(key))));
    }
  }
}
