package dev.culebra.data.token;

import dev.culebra.data.random.RandomSource;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The special tokens of a vocabulary, by what they are for, and how large the vocabulary is. */
public final class SpecialTokens {
  private static final int NONE = -1;
  private static final String SENTINEL = "<extra_id_";

  private final int vocabulary;
  private final Map<Special, Integer> ids;
  private final int[] sentinels;
  private final List<String> added;
  private final int decoderStart;
  private final int opening;
  private final BitSet special = new BitSet();
  private final int[] words;

  private SpecialTokens(
      int vocabulary,
      Map<Special, Integer> ids,
      int[] sentinels,
      List<String> added,
      int decoderStart,
      int opening,
      BitSet noWords) {
    this.vocabulary = vocabulary;
    this.ids = new EnumMap<>(Special.class);
    this.ids.putAll(ids);
    this.sentinels = sentinels;
    this.added = List.copyOf(added);
    this.decoderStart = decoderStart;
    this.opening = opening;
    ids.values().forEach(special::set);
    for (int sentinel : sentinels) {
      special.set(sentinel);
    }
    if (special.length() > vocabulary) {
      throw new BadInputException(
          Format.text(
              "Special token %d is outside the vocabulary of %d",
              special.length() - 1, vocabulary));
    }
    this.words =
        IntStream.range(0, vocabulary).filter(id -> !special.get(id) && !noWords.get(id)).toArray();
  }

  /**
   * Given special tokens.
   *
   * @param vocabulary one more than the largest id
   * @param sentinels the ids that stand for the first, second, ... hidden span
   * @throws BadInputException if an id is outside the vocabulary
   */
  public static SpecialTokens of(int vocabulary, Map<Special, Integer> ids, int... sentinels) {
    return new SpecialTokens(
        vocabulary, ids, sentinels.clone(), List.of(), NONE, NONE, new BitSet());
  }

  /**
   * The special tokens of a tokenizer: what its template puts around a text, what the files beside
   * it name, or else tokens of published names. What the vocabulary lacks gets an id behind its end
   * ({@link #added}), so that every objective can be trained with any tokenizer.
   *
   * @param sentinels how many sentinels there shall be at least
   */
  public static SpecialTokens in(Tokenizer tokenizer, int sentinels) {
    TokenizerTraits traits = tokenizer.traits();
    return complete(
        tokenizer.vocabularySize(),
        sentinels,
        special -> named(special, traits),
        tokenizer::id,
        traits.roles().decoderStart(),
        traits.template().begin().size() == 1 ? traits.template().begin().getFirst() : NONE,
        noWords(tokenizer));
  }

  /** What a tokenizer's files add to the vocabulary, or name for a purpose. */
  private static BitSet noWords(Tokenizer tokenizer) {
    TokenRoles roles = tokenizer.traits().roles();
    BitSet ids = tokenizer.added();
    IntStream.concat(
            IntStream.of(
                roles.bos(),
                roles.documentEnd(),
                roles.pad(),
                roles.decoderStart(),
                roles.unk(),
                roles.cls(),
                roles.sep(),
                roles.mask()),
            roles.eos().stream().mapToInt(Integer::intValue))
        .filter(id -> id >= 0)
        .forEach(ids::set);
    return ids;
  }

  /** The id that a tokenizer's files give a special token, or {@link #NONE}. */
  private static int named(Special special, TokenizerTraits traits) {
    TokenRoles roles = traits.roles();
    Template template = traits.template();
    return switch (special) {
      case PAD -> roles.pad() == roles.documentEnd() ? NONE : roles.pad();
      case BEGIN ->
          template.begin().size() == 1
              ? template.begin().getFirst()
              : roles.cls() >= 0
                  ? roles.cls()
                  : roles.bos() == roles.documentEnd() ? NONE : roles.bos();
      case END ->
          template.end().size() == 1
              ? template.end().getFirst()
              : roles.sep() >= 0 ? roles.sep() : roles.documentEnd();
      case MASK -> roles.mask();
      case MODE_R, MODE_S, MODE_X, PREFIX, SUFFIX, MIDDLE -> NONE;
    };
  }

  /** All special tokens behind the end of a vocabulary that has none. */
  public static SpecialTokens behind(int vocabulary, int sentinels) {
    return complete(
        vocabulary,
        sentinels,
        special -> NONE,
        name -> OptionalInt.empty(),
        NONE,
        NONE,
        new BitSet());
  }

  private static SpecialTokens complete(
      int vocabulary,
      int sentinels,
      ToIntFunction<Special> named,
      Function<String, OptionalInt> known,
      int decoderStart,
      int opening,
      BitSet noWords) {
    List<String> added = new ArrayList<>();
    ToIntFunction<List<String>> find =
        names ->
            names.stream()
                .map(known)
                .flatMapToInt(OptionalInt::stream)
                .findFirst()
                .orElseGet(
                    () -> {
                      added.add(names.getFirst());
                      return Math.addExact(vocabulary, added.size() - 1);
                    });
    Map<Special, Integer> ids = new EnumMap<>(Special.class);
    for (Special special : Special.values()) {
      int id = named.applyAsInt(special);
      ids.put(special, id >= 0 ? id : find.applyAsInt(special.names()));
    }
    int[] spans = new int[sentinels];
    for (int i = 0; i < sentinels; i++) {
      spans[i] = find.applyAsInt(List.of(sentinelName(i)));
    }
    return new SpecialTokens(
        Math.addExact(vocabulary, added.size()), ids, spans, added, decoderStart, opening, noWords);
  }

  /** What T5 calls the sentinel of the i-th hidden span. */
  public static String sentinelName(int i) {
    return SENTINEL + i + ">";
  }

  /** One more than the largest id, added tokens included. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The names of the tokens that the tokenizer lacks, in the order of their ids. */
  public List<String> added() {
    return added;
  }

  /** The names of those among {@link #added} that stand for hidden text. */
  public Set<String> hiding() {
    Set<String> names = new HashSet<>(added);
    names.removeIf(name -> !Special.MASK.names().contains(name) && !name.startsWith(SENTINEL));
    return names;
  }

  /**
   * The id of a special token.
   *
   * @throws BadInputException if the vocabulary has none
   */
  public int id(Special token) {
    Integer id = ids.get(token);
    if (id == null) {
      throw new BadInputException(
          Format.text(
              "The vocabulary has no token for %s (looked for %s): add one of them to"
                  + " tokenizer.json",
              token, String.join(", ", token.names())));
    }
    return id;
  }

  /**
   * What a decoder's input begins with: what the tokenizer's files name, or else the usual token.
   *
   * @throws BadInputException if the vocabulary has neither
   */
  public int start(Special usual) {
    return decoderStart >= 0 ? decoderStart : id(usual);
  }

  /**
   * What stands before a text that an encoder reads, and one that a decoder beside it writes: the
   * token that the tokenizer's own template puts there, if it puts one.
   */
  public int[] opening() {
    return opening >= 0 ? new int[] {opening} : new int[0];
  }

  /**
   * The id that stands for hidden span {@code i}, from 0.
   *
   * @throws BadInputException if there are not so many
   */
  public int sentinel(int i) {
    if (i >= sentinels.length) {
      throw new BadInputException(
          Format.text(
              "A text has more than the %d hidden spans that the vocabulary has sentinels for: hide"
                  + " less, hide longer spans, take shorter texts or add %s",
              sentinels.length, sentinelName(i)));
    }
    return sentinels[i];
  }

  /** Whether an id is a special token. */
  public boolean isSpecial(int id) {
    return special.get(id);
  }

  /**
   * How many words the vocabulary has: ids that are neither special, nor sentinels, nor added
   * beside the vocabulary.
   */
  public int words() {
    return words.length;
  }

  /** The words, ascending: the i-th. */
  public int word(int i) {
    return words[i];
  }

  /**
   * A word, or one of the tokens that begin, end, fill up or hide, each as likely as the others.
   */
  public int wordOrMark(RandomSource draws) {
    int id = draws.below(vocabulary);
    while (!isWord(id) && !isMark(id)) {
      id = draws.below(vocabulary);
    }
    return id;
  }

  private boolean isMark(int id) {
    return Stream.of(Special.PAD, Special.BEGIN, Special.END, Special.MASK)
        .anyMatch(mark -> ids.getOrDefault(mark, NONE) == id);
  }

  private boolean isWord(int id) {
    return Arrays.binarySearch(words, id) >= 0;
  }

  /**
   * A word among the ids below a bound, each as likely as the others. An id that is no word is
   * drawn again, so that where all are words the draws are the references'.
   *
   * @return empty if there is no word below the bound
   */
  public OptionalInt word(RandomSource draws, int bound) {
    if (words.length == 0 || words[0] >= bound) {
      return OptionalInt.empty();
    }
    int id = draws.below(bound);
    while (!isWord(id)) {
      id = draws.below(bound);
    }
    return OptionalInt.of(id);
  }
}
