package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains a byte-level BPE (Sennrich et al. 2016, on bytes as in GPT-2).
 *
 * <p>Texts are cut into words as GPT-2 does and distinct words are counted; then the most frequent
 * pair of adjacent tokens is joined everywhere, again and again, until the vocabulary is full or no
 * pair occurs at least twice. Of equally frequent pairs the one with the lowest left id goes first,
 * of those the one with the lowest right id: the result depends on the counts alone, not on the
 * order of texts. Ids are: special tokens, then the 256 bytes in the order of {@link ByteAlphabet},
 * then one per merge. This is also what Hugging Face's {@code BpeTrainer} does with {@code
 * min_frequency=2}, to the same ids.
 *
 * <p>Words of more than {@value #LONGEST_WORD} chars (base64, DNA) are counted in pieces of that
 * length, so that training time stays linear. Only training does that. Not for use by several
 * threads.
 */
public final class BpeTrainer {
  /** What ends a document: the special token with id 0. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  private static final int LONGEST_WORD = 128;
  private static final int LEAST_COUNT = 2;
  private static final int BYTES = 256;

  private final List<String> specials;
  private final WordCounts words = new WordCounts();

  /** A trainer whose only special token is {@link #END_OF_TEXT}. */
  public BpeTrainer() {
    this(List.of());
  }

  /** A trainer with {@link #END_OF_TEXT} and then {@code more} special tokens, from id 0. */
  public BpeTrainer(List<String> more) {
    List<String> all = new ArrayList<>(List.of(END_OF_TEXT));
    for (String special : more) {
      checkSpecial(special, all);
      all.add(special);
    }
    this.specials = List.copyOf(all);
  }

  /** Counts the words of a text. */
  public void add(String text) {
    char[] chars = Surrogates.repair(text).toCharArray();
    int from = 0;
    while (from < chars.length) {
      int end = WordSplitter.end(chars, from, chars.length);
      while (end - from > LONGEST_WORD) {
        int cut = from + LONGEST_WORD;
        cut -= Character.isHighSurrogate(chars[cut - 1]) ? 1 : 0;
        words.add(chars, from, cut);
        from = cut;
      }
      words.add(chars, from, end);
      from = end;
    }
  }

  /** The smallest vocabulary that can be asked for: 256 bytes and the special tokens. */
  public int smallestVocabulary() {
    return BYTES + specials.size();
  }

  /**
   * Learns merges from the words counted so far.
   *
   * @param vocabularySize how many ids to make; fewer are made if the texts are too small
   * @throws BadInputException if that is less than {@link #smallestVocabulary}
   */
  public ByteLevelBpe train(int vocabularySize) {
    if (vocabularySize < smallestVocabulary()) {
      throw new BadInputException(
          Format.text(
              "A vocabulary of %d is too small: byte-level BPE needs at least %d, 256 bytes and %d"
                  + " special token%s",
              vocabularySize,
              smallestVocabulary(),
              specials.size(),
              specials.size() == 1 ? "" : "s"));
    }
    List<String> tokens = new ArrayList<>(specials);
    int[] byteIds = new int[BYTES];
    for (int i = 0; i < BYTES; i++) {
      byteIds[ByteAlphabet.byteAt(i)] = tokens.size();
      tokens.add(String.valueOf(ByteAlphabet.charOf(ByteAlphabet.byteAt(i))));
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    MergeLearner learner = new MergeLearner();
    for (int i = 0; i < words.size(); i++) {
      learner.addWord(symbols(words.word(i), byteIds), words.count(i));
    }
    return new ByteLevelBpe(learn(learner, tokens, ids, vocabularySize));
  }

  private BpeVocabulary learn(
      MergeLearner learner, List<String> tokens, Map<String, Integer> ids, int vocabularySize) {
    List<Long> merges = new ArrayList<>();
    List<Integer> results = new ArrayList<>();
    while (tokens.size() < vocabularySize && learner.bestCount() >= LEAST_COUNT) {
      long pair = learner.bestPair();
      String joined = tokens.get(PairMap.left(pair)) + tokens.get(PairMap.right(pair));
      // Two different merges may spell the same token: then the second adds no id.
      Integer known = ids.putIfAbsent(joined, tokens.size());
      int result = known == null ? tokens.size() : known;
      if (known == null) {
        tokens.add(joined);
      }
      merges.add(pair);
      results.add(result);
      learner.merge(result);
    }
    return new BpeVocabulary(
        tokens,
        IntStream.range(0, specials.size()).boxed().toList(),
        merges.stream().mapToLong(Long::longValue).toArray(),
        results.stream().mapToInt(Integer::intValue).toArray());
  }

  private static int[] symbols(String word, int[] byteIds) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      symbols[i] = byteIds[Byte.toUnsignedInt(bytes[i])];
    }
    return symbols;
  }

  /** A special token that merges could spell would be read out of ordinary text: refused. */
  private static void checkSpecial(String special, List<String> before) {
    byte[] bytes = ByteAlphabet.bytesOf(special);
    boolean ascii = special.chars().allMatch(c -> c > ' ' && c < 0x7F);
    char[] chars = special.toCharArray();
    boolean oneWord = chars.length == 0 || WordSplitter.end(chars, 0, chars.length) == chars.length;
    if (bytes != null && (!ascii || oneWord)) {
      throw new BadInputException(
          "The special token \""
              + special
              + "\" could also be a piece of text: use a form like \"<|name|>\"");
    }
    if (before.contains(special)) {
      throw new BadInputException("The special token \"" + special + "\" is given twice");
    }
  }
}
