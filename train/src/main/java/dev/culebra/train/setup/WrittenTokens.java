package dev.culebra.train.setup;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.TokenFiles;
import dev.culebra.data.token.TokenRoles;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a written model folder says of its tokens: {@code tokenizer.json} with a template, if texts
 * were framed in training, {@code tokenizer_config.json} and {@code generation_config.json}. What a
 * run was given with its tokenizer is written again.
 *
 * @param file of the run's tokenizer
 * @param tokenizer the same, open
 * @param frame what stood around a text in training
 * @param forcedBegin what a decoder beside an encoder always writes first; -1 for nothing
 */
public record WrittenTokens(Path file, Tokenizer tokenizer, Frame frame, int forcedBegin) {

  /** What stands around a text. */
  public enum Frame {
    /** Nothing. */
    NONE,
    /** An end. */
    END,
    /** A begin and an end, or a class token and a separator. */
    BOTH
  }

  /** What kind of model reads the tokens. */
  public enum Reader {
    /** A decoder, perhaps beside an encoder: it writes. */
    WRITER,
    /** An encoder that tells first and second texts from each other. */
    ENCODER,
    /** Another encoder. */
    OTHER
  }

  /**
   * The ids for {@code config.json}: those that the run was given with its tokenizer, and others
   * only where there are none.
   *
   * @param usual what training used
   */
  public TokenIds ids(TokenIds usual, Reader reader) {
    TokenRoles given = tokenizer.traits().roles();
    if (!given.known()) {
      return usual;
    }
    boolean writes = reader == Reader.WRITER;
    return new TokenIds(
        given.bos(),
        given.ends().isEmpty() && writes ? usual.ends() : given.ends(),
        given.pad() >= 0 ? given.pad() : usual.pad(),
        usual.decoderStart());
  }

  /**
   * Writes the files, each replaced as a whole.
   *
   * @param ids those of {@code config.json}
   * @param context the most tokens that the model reads
   */
  public void write(Path folder, TokenIds ids, Reader reader, int context) throws IOException {
    if (frame != Frame.NONE && tokenizer.traits().template().isEmpty()) {
      DurableFiles.replace(folder.resolve(ModelFolder.TOKENIZER), Json.content(framed()));
    } else {
      DurableFiles.replace(
          folder.resolve(ModelFolder.TOKENIZER), Content.bytes(Files.readAllBytes(file)));
    }
    DurableFiles.replace(
        folder.resolve(TokenFiles.CONFIG), Json.content(config(ids, reader, context)));
    TokenFiles.copyChat(file, folder);
    if (reader == Reader.WRITER) {
      ObjectNode generation = TokenFiles.beside(file, TokenFiles.GENERATION);
      ObjectNode own = Json.MAPPER.createObjectNode();
      ids.write(own);
      if (forcedBegin >= 0) {
        own.put("forced_bos_token_id", forcedBegin);
      }
      own.properties().forEach(id -> generation.putIfAbsent(id.getKey(), id.getValue()));
      DurableFiles.replace(folder.resolve(TokenFiles.GENERATION), Json.content(generation));
    }
  }

  private ObjectNode config(TokenIds ids, Reader reader, int context) {
    ObjectNode config = TokenFiles.beside(file, TokenFiles.CONFIG);
    if (config.isEmpty()) {
      config.put("tokenizer_class", "PreTrainedTokenizerFast");
      config.put("model_max_length", context);
      config.put("clean_up_tokenization_spaces", false);
    }
    if (reader != Reader.ENCODER && !config.has("model_input_names")) {
      config.putArray("model_input_names").add("input_ids").add("attention_mask");
    }
    name(config, "bos_token", ids.begin());
    ids.ends().stream().findFirst().ifPresent(end -> name(config, "eos_token", end));
    name(config, "pad_token", ids.pad());
    if (frame == Frame.BOTH) {
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      name(config, "cls_token", specials.id(Special.BEGIN));
      name(config, "sep_token", specials.id(Special.END));
      name(config, "mask_token", specials.id(Special.MASK));
    }
    return config;
  }

  /** The run's {@code tokenizer.json} with a template of what stood around texts. */
  private ObjectNode framed() {
    SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
    String end = tokenizer.token(specials.id(Special.END));
    ObjectNode template = Json.MAPPER.createObjectNode().put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    ArrayNode pair = template.putArray("pair");
    ObjectNode tokens = Json.MAPPER.createObjectNode();
    if (frame == Frame.BOTH) {
      String begin = tokenizer.token(specials.id(Special.BEGIN));
      special(single, begin, 0);
      special(pair, begin, 0);
      declare(tokens, begin, specials.id(Special.BEGIN));
    }
    text(single, "A", 0);
    special(single, end, 0);
    text(pair, "A", 0);
    special(pair, end, 0);
    text(pair, "B", 1);
    special(pair, end, 1);
    declare(tokens, end, specials.id(Special.END));
    template.set("special_tokens", tokens);
    ObjectNode root = (ObjectNode) Json.read(file);
    JsonNode before = root.path("post_processor");
    if (before.isObject()) {
      ObjectNode all = Json.MAPPER.createObjectNode().put("type", "Sequence");
      all.putArray("processors").add(before).add(template);
      root.set("post_processor", all);
    } else {
      root.set("post_processor", template);
    }
    return root;
  }

  private static void special(ArrayNode pieces, String token, int type) {
    pieces.addObject().putObject("SpecialToken").put("id", token).put("type_id", type);
  }

  private static void text(ArrayNode pieces, String id, int type) {
    pieces.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }

  private static void declare(ObjectNode tokens, String token, int id) {
    ObjectNode one = tokens.putObject(token).put("id", token);
    one.putArray("ids").add(id);
    one.putArray("tokens").add(token);
  }

  /** Gives a token a name, unless it has one. */
  private void name(ObjectNode config, String key, int id) {
    if (id >= 0 && id < tokenizer.vocabularySize() && !config.hasNonNull(key)) {
      config.put(key, tokenizer.token(id));
    }
  }
}
