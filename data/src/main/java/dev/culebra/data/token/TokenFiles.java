package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files beside a {@code tokenizer.json} that say what its tokens are for. A run keeps those of
 * the tokenizer that it was given, so that it trains with these tokens and the model folders that
 * it writes name them again.
 */
public final class TokenFiles {

  /** Names of special tokens, and how texts are cut. */
  public static final String CONFIG = FolderTokens.CONFIG;

  /** How a model writes. */
  public static final String GENERATION = FolderTokens.GENERATION;

  /** How dialogues are laid out; nothing here reads it. */
  private static final String CHAT = "chat_template.jinja";

  /** All that {@link #copy} writes, so that who made the folder can delete it again. */
  public static final List<String> NAMES =
      List.of(Tokenizers.FILE, FolderTokens.MODEL, CONFIG, GENERATION, CHAT);

  private TokenFiles() {}

  /**
   * Copies a {@code tokenizer.json} and what the files beside it say of its tokens.
   *
   * @param from a tokenizer's file; those beside it belong to it if it is a {@code tokenizer.json}
   * @param to the file to write, in a folder of its own
   * @throws BadInputException if the files cannot be read, or contradict each other
   */
  public static void copy(Path from, Path to) throws IOException {
    copyBytes(from, to);
    Path folder = from.toAbsolutePath().getParent();
    if (folder == null || !from.endsWith(Tokenizers.FILE)) {
      return;
    }
    TokenRoles roles = FolderTokens.read(TokenizerFile.read(from)).roles();
    if (roles.known()) {
      ObjectNode ids = Json.MAPPER.createObjectNode();
      put(ids, "bos_token_id", roles.bos());
      ArrayNode ends = ids.putArray("eos_token_id");
      roles.ends().forEach(ends::add);
      put(ids, "pad_token_id", roles.pad());
      put(ids, "decoder_start_token_id", roles.decoderStart());
      put(ids, "forced_bos_token_id", roles.forcedBos());
      DurableFiles.replace(to.resolveSibling(FolderTokens.MODEL), Json.content(ids));
    }
    Optional<ObjectNode> config = read(folder.resolve(CONFIG));
    Optional<ObjectNode> map = read(folder.resolve(FolderTokens.MAP));
    if (config.isPresent() || map.isPresent()) {
      ObjectNode all = config.orElseGet(Json.MAPPER::createObjectNode);
      if (!all.path(FolderTokens.DECODER).isObject()) { // else transformers does not read it
        map.ifPresent(
            names ->
                names.properties().forEach(one -> all.putIfAbsent(one.getKey(), one.getValue())));
      }
      DurableFiles.replace(to.resolveSibling(CONFIG), Json.content(all));
    }
    for (String name : List.of(GENERATION, CHAT)) {
      if (Files.isRegularFile(folder.resolve(name))) {
        copyBytes(folder.resolve(name), to.resolveSibling(name));
      }
    }
  }

  /** Copies a chat template from beside one tokenizer to a folder, if there is one. */
  public static void copyChat(Path tokenizer, Path folder) throws IOException {
    Path chat = tokenizer.resolveSibling(CHAT);
    if (Files.isRegularFile(chat)) {
      copyBytes(chat, folder.resolve(CHAT));
    }
  }

  /** The object of a file beside a tokenizer's, or an empty one if there is no file. */
  public static ObjectNode beside(Path tokenizer, String name) {
    return read(tokenizer.resolveSibling(name)).orElseGet(Json.MAPPER::createObjectNode);
  }

  private static Optional<ObjectNode> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode node = Json.read(file);
    if (node instanceof ObjectNode object) {
      return Optional.of(object);
    }
    throw new BadInputException(file + " holds no object: it is damaged");
  }

  private static void copyBytes(Path from, Path to) throws IOException {
    DurableFiles.replace(to, Content.bytes(Files.readAllBytes(from)));
  }

  private static void put(ObjectNode to, String key, int id) {
    if (id >= 0) {
      to.put(key, id);
    }
  }
}
