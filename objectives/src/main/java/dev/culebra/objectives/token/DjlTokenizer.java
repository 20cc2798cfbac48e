package dev.culebra.objectives.token;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.culebra.runtime.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any {@code tokenizer.json} through Hugging Face's Rust library, which DJL carries.
 *
 * <p>That library always reads special tokens out of text. Two instances keep {@link Tokenizer}'s
 * promise: one without the special tokens encodes, one with them decodes. (A Unigram model lists
 * special tokens among its pieces, so it may still find one in a text that spells it.)
 */
final class DjlTokenizer implements Tokenizer {
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private final HuggingFaceTokenizer encoder;
  private final HuggingFaceTokenizer decoder;
  private final List<String> tokens;
  private final Map<String, Integer> ids;
  private final String description;
  private volatile boolean closed;

  /**
   * @param why why this implementation was chosen, for {@link #toString}
   */
  DjlTokenizer(TokenizerFile file, String why) {
    DjlLibrary.prepare();
    this.tokens = file.tokens();
    this.ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    this.decoder = load(file.root(), file.path());
    try {
      this.encoder = load(withoutSpecials(file.root()), file.path());
    } catch (RuntimeException e) {
      decoder.close();
      throw e;
    }
    this.description =
        "%d tokens, through Hugging Face's native library (%s)".formatted(tokens.size(), why);
  }

  private static ObjectNode withoutSpecials(ObjectNode root) {
    ObjectNode plain = root.deepCopy();
    if (plain.get("added_tokens") instanceof ArrayNode added) {
      added.removeIf(token -> token.path("special").booleanValue(false));
    }
    return plain;
  }

  private static HuggingFaceTokenizer load(JsonNode json, Path path) {
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), OPTIONS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
      throw new IllegalStateException(
          "Hugging Face's native library, which "
              + path
              + " needs, does not load: "
              + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    } catch (RuntimeException e) {
      throw new BadInputException(
          path + " is refused by Hugging Face's tokenizers: " + e.getMessage(), e);
    }
  }

  @Override
  public int[] encode(String text) {
    checkOpen();
    long[] wide = encoder.encode(Surrogates.repair(text), false, false).getIds();
    int[] narrow = new int[wide.length];
    Arrays.setAll(narrow, i -> Math.toIntExact(wide[i]));
    return narrow;
  }

  @Override
  public String decode(int[] narrow) {
    checkOpen();
    long[] wide = new long[narrow.length];
    Arrays.setAll(wide, i -> checkId(narrow[i]));
    return decoder.decode(wide, false);
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public int endOfText() {
    return EndOfText.in(this);
  }

  @Override
  public String token(int id) {
    return tokens.get(checkId(id));
  }

  @Override
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  @Override
  public String toString() {
    return description;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      encoder.close();
      decoder.close();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("This tokenizer is closed");
    }
  }

  private int checkId(int id) {
    if (id < 0 || id >= tokens.size()) {
      throw new BadInputException(
          "Token id %d is outside the vocabulary of %d (ids 0 to %d)"
              .formatted(id, tokens.size(), tokens.size() - 1));
    }
    return id;
  }
}
