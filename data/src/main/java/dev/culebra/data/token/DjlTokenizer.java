package dev.culebra.data.token;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Any {@code tokenizer.json} through Hugging Face's Rust library, which DJL carries.
 *
 * <p>That library always reads special tokens out of text. Two instances keep {@link Tokenizer}'s
 * promise: in one the special tokens have names that no text has, and it encodes documents; the
 * other encodes prompts, and decodes.
 *
 * <p>A text of more than {@value #LARGEST} chars is cut behind a line, or where it must be, and its
 * parts are encoded one by one: the library needs some hundred bytes for each token.
 */
final class DjlTokenizer implements Tokenizer {
  private static final int LARGEST = 1 << 23;
  private static final Map<String, String> OPTIONS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private final Path path;
  private final HuggingFaceTokenizer documents;
  private final HuggingFaceTokenizer prompts;
  private final List<String> tokens;
  private final Map<String, Integer> ids;
  private final TokenizerTraits traits;
  private final BitSet added = new BitSet();
  private final String description;
  private volatile boolean closed;

  /**
   * @param why why this implementation was chosen, for {@link #toString}
   */
  DjlTokenizer(TokenizerFile file, TokenizerTraits traits, String why) {
    DjlLibrary.prepare();
    this.path = file.path();
    this.tokens = file.tokens();
    this.traits = traits;
    file.added().forEach(token -> added.set(token.id()));
    this.ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    checkErased(file);
    this.prompts = load(NativeTokenizerJson.whole(file), path);
    HuggingFaceTokenizer hiding = null;
    try {
      hiding = load(NativeTokenizerJson.hidingSpecials(file), path);
      checkIds(file);
    } catch (RuntimeException e) {
      prompts.close();
      if (hiding != null) {
        hiding.close();
      }
      throw e;
    }
    this.documents = hiding;
    this.description =
        Format.text("%d tokens, through Hugging Face's native library (%s)", tokens.size(), why);
  }

  /**
   * What the normalizer leaves nothing of would be found between all bytes of a text: the library
   * then cuts a character in two and ends the JVM.
   */
  private void checkErased(TokenizerFile file) {
    List<AddedToken> normalized = file.added().stream().filter(AddedToken::normalized).toList();
    if (normalized.isEmpty() || !file.root().path("normalizer").isObject()) {
      return;
    }
    try (HuggingFaceTokenizer normalizer = load(NativeTokenizerJson.normalizing(file), path)) {
      for (AddedToken token : normalized) {
        if (encode(normalizer, token.content()).length == 0) {
          throw new BadInputException(
              Format.text(
                  "%s: its normalizer leaves nothing of the added token \"%s\": set its"
                      + " \"normalized\" to false",
                  path, token.content()));
        }
      }
    }
  }

  /** An added token by itself must have the id that the file gives it, and no other. */
  private void checkIds(TokenizerFile file) {
    for (AddedToken token : file.added()) {
      int[] read = encode(prompts, token.content());
      if (read.length == 1 && read[0] != token.id()) {
        throw new BadInputException(
            Format.text(
                "%s gives the added token \"%s\" the id %d, but Hugging Face's library reads it as"
                    + " id %d: give added tokens the ids behind the vocabulary, without gaps",
                path, token.content(), token.id(), read[0]));
      }
    }
  }

  private static HuggingFaceTokenizer load(String json, Path path) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
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
          path + " is refused by Hugging Face's tokenizers: " + oneLine(e), e);
    }
  }

  private static String oneLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
  }

  @Override
  public BitSet added() {
    return (BitSet) added.clone();
  }

  @Override
  public int[] encode(String text) {
    checkOpen();
    return encode(documents, Surrogates.repair(text));
  }

  @Override
  public int[] encodePrompt(String text) {
    checkOpen();
    return encode(prompts, Surrogates.repair(text));
  }

  private int[] encode(HuggingFaceTokenizer by, String text) {
    List<String> parts = parts(text, LARGEST);
    if (parts.size() == 1) {
      return encodePart(by, text);
    }
    IntBuilder all = new IntBuilder(text.length() / 3);
    parts.forEach(part -> all.add(encodePart(by, part)));
    return all.toArray();
  }

  /** Cuts a text behind the last line, or else before the last space, that ends in time. */
  static List<String> parts(String text, int most) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (text.length() - from > most) {
      int line = text.lastIndexOf('\n', from + most - 1) + 1;
      int space = text.lastIndexOf(' ', from + most - 1);
      int to = line > from ? line : space > from ? space : from + most;
      to -= Character.isHighSurrogate(text.charAt(to - 1)) ? 1 : 0;
      parts.add(text.substring(from, to));
      from = to;
    }
    parts.add(text.substring(from));
    return parts;
  }

  private int[] encodePart(HuggingFaceTokenizer by, String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    try {
      long encoding = TokenizersLibrary.LIB.encode(by.getHandle(), text, false);
      try {
        long[] wide = TokenizersLibrary.LIB.getTokenIds(encoding);
        int[] narrow = new int[wide.length];
        Arrays.setAll(narrow, i -> Math.toIntExact(wide[i]));
        return narrow;
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } catch (RuntimeException e) {
      throw new BadInputException(
          Format.text("%s cannot encode the text \"%s\": %s", path, shortened(text), oneLine(e)),
          e);
    }
  }

  private static String shortened(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() <= 40 ? line : line.substring(0, 40) + "...";
  }

  @Override
  public String decode(int[] narrow) {
    checkOpen();
    long[] wide = new long[narrow.length];
    Arrays.setAll(wide, i -> checkId(narrow[i]));
    try {
      return prompts.decode(wide, false);
    } catch (RuntimeException e) {
      throw new BadInputException(
          Format.text(
              "%s cannot decode %s: %s", path, Format.count(narrow.length, "tokens"), oneLine(e)),
          e);
    }
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public TokenizerTraits traits() {
    return traits;
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
      documents.close();
      prompts.close();
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
          Format.text(
              "Token id %d is outside the vocabulary of %d (ids 0 to %d)",
              id, tokens.size(), tokens.size() - 1));
    }
    return id;
  }
}
