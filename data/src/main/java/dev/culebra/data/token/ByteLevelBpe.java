package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.text.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Byte-level BPE in Java: encodes as Hugging Face's {@code tokenizers} does with the same {@code
 * tokenizer.json}, without native code. Any text can be encoded, and {@code decode(encode(text))}
 * is the text.
 *
 * <p>Words that were met lately are remembered with their ids in a table of fixed size.
 */
public final class ByteLevelBpe implements Tokenizer {
  private static final int CACHE_SIZE = 1 << 16;
  private static final int LONGEST_CACHED = 64;

  private final BpeVocabulary vocabulary;
  private final Map<String, Integer> ids;
  private final PairMap merges;
  private final int[] byteIds = new int[256];
  private final byte[][] bytes;
  private final BitSet added = new BitSet();
  private final AddedTokens specials;
  private final TokenizerTraits traits;

  /** Places are written without locks: an entry is immutable, and losing one costs only time. */
  private final CachedWord[] cache = new CachedWord[CACHE_SIZE];

  private volatile boolean closed;

  private static final class CachedWord {
    final char[] word;
    final int[] ids;

    CachedWord(char[] word, int[] ids) {
      this.word = word;
      this.ids = ids;
    }
  }

  ByteLevelBpe(BpeVocabulary vocabulary) {
    this(
        vocabulary,
        vocabulary.specials().stream()
            .map(id -> AddedToken.special(id, vocabulary.tokens().get(id)))
            .toList(),
        TokenizerTraits.PLAIN);
  }

  /**
   * A tokenizer.
   *
   * @param added the special tokens that prompts may name
   */
  ByteLevelBpe(BpeVocabulary vocabulary, List<AddedToken> added, TokenizerTraits traits) {
    this.vocabulary = vocabulary;
    this.specials = new AddedTokens(added);
    vocabulary.specials().forEach(this.added::set);
    added.forEach(token -> this.added.set(token.id()));
    this.traits = traits;
    List<String> tokens = vocabulary.tokens();
    this.ids = HashMap.newHashMap(tokens.size());
    this.bytes = new byte[tokens.size()][];
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
      byte[] spelled = ByteAlphabet.bytesOf(tokens.get(id));
      bytes[id] = spelled == null ? tokens.get(id).getBytes(StandardCharsets.UTF_8) : spelled;
    }
    for (int b = 0; b < byteIds.length; b++) {
      byteIds[b] = ids.get(String.valueOf(ByteAlphabet.charOf(b)));
    }
    long[] pairs = vocabulary.merges();
    this.merges = new PairMap(pairs.length);
    for (int i = 0; i < pairs.length; i++) {
      merges.putIfAbsent(pairs[i], i);
    }
  }

  @Override
  public BitSet added() {
    return (BitSet) added.clone();
  }

  @Override
  public int[] encode(String text) {
    checkOpen();
    String sound = Surrogates.repair(text);
    IntBuilder out = new IntBuilder(sound.length() / 3);
    encode(sound, out);
    return out.toArray();
  }

  @Override
  public int[] encodePrompt(String text) {
    checkOpen();
    String sound = Surrogates.repair(text);
    IntBuilder out = new IntBuilder(sound.length() / 3);
    specials.split(sound, id -> out.add(new int[] {id}), part -> encode(part, out));
    return out.toArray();
  }

  private void encode(String text, IntBuilder out) {
    char[] chars = text.toCharArray();
    WordMerger merger = new WordMerger(merges, vocabulary.results());
    for (int from = 0; from < chars.length; ) {
      int end = WordSplitter.end(chars, from, chars.length);
      out.add(idsOfWord(chars, from, end, merger));
      from = end;
    }
  }

  private int[] idsOfWord(char[] text, int from, int end, WordMerger merger) {
    int slot = WordCounts.hash(text, from, end) & (CACHE_SIZE - 1);
    CachedWord cached = cache[slot];
    if (cached != null && Arrays.equals(cached.word, 0, cached.word.length, text, from, end)) {
      return cached.ids;
    }
    byte[] word = new String(text, from, end - from).getBytes(StandardCharsets.UTF_8);
    int[] merged = merger.merge(word, byteIds);
    if (end - from <= LONGEST_CACHED) {
      cache[slot] = new CachedWord(Arrays.copyOfRange(text, from, end), merged);
    }
    return merged;
  }

  @Override
  public String decode(int[] tokens) {
    checkOpen();
    ByteArrayOutputStream out = new ByteArrayOutputStream(Math.max(16, tokens.length * 4));
    for (int id : tokens) {
      out.writeBytes(bytes[checkId(id)]);
    }
    return LossyUtf8.decode(out.toByteArray());
  }

  @Override
  public int vocabularySize() {
    return bytes.length;
  }

  @Override
  public TokenizerTraits traits() {
    return traits;
  }

  @Override
  public String token(int id) {
    return vocabulary.tokens().get(checkId(id));
  }

  @Override
  public OptionalInt id(String token) {
    Integer id = ids.get(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  BpeVocabulary vocabulary() {
    return vocabulary;
  }

  /** This tokenizer as a Hugging Face {@code tokenizer.json}, in UTF-8. */
  public byte[] toJson() {
    checkOpen();
    return TokenizerJsonWriter.json(vocabulary);
  }

  /** Writes {@link #toJson} beside the file, then puts it durably in the file's place. */
  public void save(Path file) {
    byte[] json = toJson();
    try {
      DurableFiles.replace(file, Content.bytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return Format.text("byte-level BPE of %d tokens", vocabularySize());
  }

  @Override
  public void close() {
    closed = true;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("This tokenizer is closed");
    }
  }

  private int checkId(int id) {
    if (id < 0 || id >= bytes.length) {
      throw new BadInputException(
          Format.text(
              "Token id %d is outside the vocabulary of %d (ids 0 to %d)",
              id, bytes.length, bytes.length - 1));
    }
    return id;
  }
}
