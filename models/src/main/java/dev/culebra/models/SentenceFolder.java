package dev.culebra.models;

import dev.culebra.models.dual.TextReading;
import dev.culebra.models.dual.TextReading.Pooled;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A folder of Sentence Transformers, beside whose weights and {@code config.json} lie the modules
 * that make an embedding of a text: {@code modules.json}, the files that it names, and {@code
 * config_sentence_transformers.json}. Old names of keys and today's are read. What is not followed
 * here is refused by its name.
 *
 * @param folder with all files
 * @param reading what is made of a text's rows
 * @param lower whether texts become lower case first
 * @param prompts texts that stand before others, by name
 * @param usual the name of the prompt that stands before a text if none is asked for; empty for
 *     none
 * @param withPrompt whether the rows of a prompt are pooled, too
 * @param similarity how two embeddings are compared: {@code cosine}, {@code dot} or another
 */
public record SentenceFolder(
    Path folder,
    TextReading reading,
    boolean lower,
    SequencedMap<String, String> prompts,
    String usual,
    boolean withPrompt,
    String similarity) {

  /** Names the modules. */
  static final String MODULES = "modules.json";

  /** What is not of one module. */
  static final String WHOLE = "config_sentence_transformers.json";

  /** Module 0 of a family, by what it was called when; the first that exists is read. */
  static final String TRANSFORMER = "sentence_bert_config.json";

  private static final List<String> TRANSFORMERS =
      Stream.concat(
              Stream.of(TRANSFORMER),
              Stream.of("roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
                  .map(family -> "sentence_" + family + "_config.json"))
          .toList();

  private static final String CONFIG = "config.json";
  private static final String PACKAGE = "sentence_transformers.";
  private static final String EMBEDDING = "sentence_embedding";
  private static final String POOLING = "pooling_mode";

  /** What keys of before version 5.4 are about, by today's names. */
  private static final Map<String, String> FLAGS =
      Map.of(
          "pooling_mode_cls_token", "cls",
          "pooling_mode_max_tokens", "max",
          "pooling_mode_mean_tokens", "mean",
          "pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens",
          "pooling_mode_weightedmean_tokens", "weightedmean",
          "pooling_mode_lasttoken", "lasttoken");

  /** What each key of a module in {@link #MODULES} means. */
  static final KeyTable MODULE_KEYS =
      KeyTable.of("a module of sentence-transformers")
          .honoured("idx", "name", "path", "type")
          .only("kwargs", List.of(), List.of());

  /** What each key of {@link #TRANSFORMER} means. */
  static final KeyTable TRANSFORMER_KEYS =
      KeyTable.of("a Transformer of sentence-transformers")
          .honoured("max_seq_length", "do_lower_case")
          .only("transformer_task", "feature-extraction", "feature-extraction")
          .only(
              "modality_config",
              null,
              null,
              Map.of(
                  "text", Map.of("method", "forward", "method_output_name", "last_hidden_state")))
          .only("module_output_name", "token_embeddings", "token_embeddings")
          .only("processing_kwargs", null, null, Map.of())
          .only("query_length", null, (Object) null)
          .only("document_length", null, (Object) null)
          .only("query_expansion", null, (Object) null)
          .only("tokenizer_name_or_path", null, (Object) null)
          .only("tokenizer_args", null, null, Map.of())
          .only("processor_kwargs", null, null, Map.of())
          .only("config_args", null, null, Map.of())
          .only("config_kwargs", null, null, Map.of())
          .only("model_args", null, null, Map.of(), Map.of("add_pooling_layer", false))
          .only("model_kwargs", null, null, Map.of(), Map.of("add_pooling_layer", false))
          .ignored("unpad_inputs", "backend"); // how, not what

  /** What each key of a Pooling's configuration means. */
  static final KeyTable POOLING_KEYS =
      KeyTable.of("a Pooling of sentence-transformers")
          .honoured("embedding_dimension", "word_embedding_dimension", POOLING, "include_prompt")
          .honoured(FLAGS.keySet().toArray(String[]::new));

  /** What each key of a Normalize's configuration means. */
  static final KeyTable NORMALIZE_KEYS =
      KeyTable.of("a Normalize of sentence-transformers")
          .only("module_input_name", EMBEDDING, EMBEDDING)
          .only("module_output_name", null, null, EMBEDDING);

  /** What each key of {@link #WHOLE} means. */
  static final KeyTable WHOLE_KEYS =
      KeyTable.of("a model of sentence-transformers")
          .honoured("prompts", "default_prompt_name", "similarity_fn_name")
          .only("model_type", "SentenceTransformer", "SentenceTransformer")
          .only("truncate_dim", null, (Object) null)
          .only("requirements", null, null, List.of(), Map.of())
          .ignored("__version__");

  /** Whether a folder says by modules how it embeds texts. */
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(MODULES)) && !RoutedFolder.is(folder);
  }

  /**
   * Reads a folder.
   *
   * @param context most positions of its model
   * @param width of the model's rows
   * @throws BadInputException if it asks for something that is not followed here
   */
  public static SentenceFolder read(Path folder, int context, int width) {
    Path place = folder.resolve(MODULES);
    JsonNode modules = Json.read(place);
    if (!modules.isArray()) {
      throw new BadInputException(place + " must hold a list of modules, not " + modules);
    }
    List<String> types = new ArrayList<>();
    JsonNode pooling = null;
    for (JsonNode module : modules) {
      String type = type(place, module);
      types.add(type);
      Path inside = inside(folder, module);
      switch (type) {
        case "Transformer" -> {
          if (!folder.equals(inside)) {
            throw new BadInputException(
                Format.text(
                    "%s: the model lies in %s, as releases before 2021 wrote it: save it anew by"
                        + " sentence-transformers, which puts it beside %s",
                    place, inside.getFileName(), MODULES));
          }
        }
        case "Pooling" -> {
          Path file = ModelFolder.existing(inside, CONFIG);
          pooling = Json.read(file);
          POOLING_KEYS.check(file, pooling);
        }
        case "Normalize" -> {
          Path file = inside.resolve(CONFIG);
          if (Files.isRegularFile(file)) {
            NORMALIZE_KEYS.check(file, Json.read(file));
          }
        }
        default ->
            throw new BadInputException(
                Format.text(
                    "%s: the module %s is not supported; a Transformer, a Pooling and a Normalize"
                        + " are",
                    place, type));
      }
    }
    boolean unit = types.contains("Normalize");
    if (!types.equals(
        unit
            ? List.of("Transformer", "Pooling", "Normalize")
            : List.of("Transformer", "Pooling"))) {
      throw new BadInputException(
          Format.text(
              "%s lists %s; a Transformer, then a Pooling, and perhaps a Normalize are supported",
              place, types.isEmpty() ? "no modules" : String.join(", ", types)));
    }
    return read(folder, pooling(inside(folder, modules.get(1)), pooling, width, unit), context);
  }

  /**
   * Refuses a folder that makes texts lower case although its tokenizer does not.
   *
   * @throws BadInputException if it does
   */
  void requireTokenizersCase() {
    if (lower && !lowers(Json.read(ModelFolder.tokenizer(folder)).path("normalizer"))) {
      throw new BadInputException(
          Format.text(
              "%s: do_lower_case is not supported to train on, since %s keeps upper case: give that"
                  + " a Lowercase normalizer instead",
              folder.resolve(TRANSFORMER), ModelFolder.TOKENIZER));
    }
  }

  private static boolean lowers(JsonNode normalizer) {
    return switch (normalizer.path("type").stringValue("")) {
      case "Lowercase" -> true;
      case "BertNormalizer" -> normalizer.path("lowercase").booleanValue(true);
      case "Sequence" ->
          normalizer.path("normalizers").valueStream().anyMatch(SentenceFolder::lowers);
      default -> false;
    };
  }

  /** What a Pooling says, read by {@link #pooling}. */
  private record Pools(Pooled pooled, boolean unit, boolean withPrompt) {}

  private static SentenceFolder read(Path folder, Pools pools, int context) {
    JsonNode transformer = optional(folder, TRANSFORMERS, TRANSFORMER_KEYS);
    JsonNode whole = optional(folder, List.of(WHOLE), WHOLE_KEYS);
    int longest = Math.min(context, longest(folder, transformer));
    SequencedMap<String, String> prompts = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> prompt : whole.path("prompts").properties()) {
      prompts.put(prompt.getKey(), prompt.getValue().stringValue(""));
    }
    String usual = whole.path("default_prompt_name").stringValue("");
    if (!usual.isEmpty() && !prompts.containsKey(usual)) {
      throw new BadInputException(
          Format.text(
              "%s: default_prompt_name %s is none of its prompts", folder.resolve(WHOLE), usual));
    }
    return new SentenceFolder(
        folder,
        new TextReading(pools.pooled, longest, pools.unit),
        transformer.path("do_lower_case").booleanValue(false),
        prompts,
        usual,
        pools.withPrompt,
        whole.path("similarity_fn_name").stringValue("cosine"));
  }

  /** The last name of a module's class, if the class is of Sentence Transformers itself. */
  private static String type(Path place, JsonNode module) {
    MODULE_KEYS.check(place, module);
    String type = module.path("type").stringValue("");
    if (!type.startsWith(PACKAGE)) {
      throw new BadInputException(
          Format.text(
              "%s: the module %s is code of its author, which is not run here; those of"
                  + " sentence-transformers are read",
              place, module.path("type")));
    }
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private static Path inside(Path folder, JsonNode module) {
    String path = module.path("path").stringValue("");
    if (path.matches("[^/\\\\:\\p{Cntrl}]*") && !path.equals("..")) {
      try {
        return path.isEmpty() ? folder : folder.resolve(path);
      } catch (InvalidPathException e) {
        throw notBeside(folder, module);
      }
    }
    throw notBeside(folder, module);
  }

  private static BadInputException notBeside(Path folder, JsonNode module) {
    return new BadInputException(
        Format.text(
            "%s: path %s is no folder beside it, which is needed",
            folder.resolve(MODULES), module.path("path")));
  }

  private static JsonNode optional(Path folder, List<String> names, KeyTable keys) {
    for (String name : names) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        JsonNode object = Json.read(file);
        keys.check(file, object);
        return object;
      }
    }
    return Json.MAPPER.createObjectNode();
  }

  /** As Sentence Transformers: its own key, or what the tokenizer says. */
  private static int longest(Path folder, JsonNode transformer) {
    JsonNode given = transformer.path("max_seq_length");
    if (given.isMissingNode() || given.isNull()) {
      Path file = folder.resolve("tokenizer_config.json");
      given = Files.isRegularFile(file) ? Json.read(file).path("model_max_length") : given;
    } else if (!given.isIntegralNumber() || given.doubleValue() < 1) {
      throw new BadInputException(
          Format.text(
              "%s: max_seq_length must be a positive number, not %s",
              folder.resolve(TRANSFORMER), given));
    }
    double most = given.isNumber() ? given.doubleValue() : Integer.MAX_VALUE;
    return most >= 1 ? (int) Math.min(most, Integer.MAX_VALUE) : Integer.MAX_VALUE;
  }

  private static Pools pooling(Path inside, JsonNode pooling, int width, boolean unit) {
    Path file = inside.resolve(CONFIG);
    for (String key : List.of("embedding_dimension", "word_embedding_dimension")) {
      JsonNode given = pooling.path(key);
      if (given.isNumber() && given.doubleValue() != width) {
        throw new BadInputException(
            Format.text(
                "%s: %s is %s, but the model beside it has rows of %d values",
                file, key, given, width));
      }
    }
    boolean withPrompt = pooling.path("include_prompt").booleanValue(true);
    return new Pools(pooled(file, modes(pooling), unit), unit, withPrompt);
  }

  private static Pooled pooled(Path file, Set<String> modes, boolean unit) {
    if (modes.size() == 1) {
      String mode = modes.iterator().next();
      if (mode.equals("mean_sqrt_len_tokens") && unit) {
        return Pooled.MEAN; // of the same direction
      }
      for (Pooled pooled : Pooled.values()) {
        if (pooled.id().equals(mode)) {
          return pooled;
        }
      }
    }
    throw new BadInputException(
        Format.text(
            "%s: %s %s is not supported; one of %s is",
            file, POOLING, String.join(" with ", modes), Pooled.names()));
  }

  /** The names of today for what either generation of keys asks for. */
  private static Set<String> modes(JsonNode pooling) {
    Set<String> modes = new TreeSet<>();
    JsonNode given = pooling.path(POOLING);
    if (given.isString()) {
      modes.add(given.stringValue());
    } else {
      given.forEach(mode -> modes.add(mode.stringValue("")));
    }
    if (given.isMissingNode()) {
      FLAGS.forEach(
          (flag, mode) -> {
            if (pooling.path(flag).booleanValue(false)) {
              modes.add(mode);
            }
          });
      if (modes.isEmpty()) {
        modes.add(Pooled.MEAN.id());
      }
    }
    return modes;
  }
}
