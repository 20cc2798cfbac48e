package dev.culebra.objectives.corruption;

import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** The special tokens of a vocabulary, by what they are for, and how large the vocabulary is. */
public final class SpecialTokens {
  private final int vocabulary;
  private final Map<Special, Integer> ids;
  private final int[] sentinels;
  private final List<String> added;
  private final BitSet special = new BitSet();
  private final int[] ordinary;

  private SpecialTokens(
      int vocabulary, Map<Special, Integer> ids, int[] sentinels, List<String> added) {
    this.vocabulary = vocabulary;
    this.ids = new EnumMap<>(Special.class);
    this.ids.putAll(ids);
    this.sentinels = sentinels;
    this.added = List.copyOf(added);
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
    int[] rest = new int[vocabulary - special.cardinality()];
    int id = special.nextClearBit(0);
    for (int i = 0; i < rest.length; i++) {
      rest[i] = id;
      id = special.nextClearBit(id + 1);
    }
    this.ordinary = rest;
  }

  /**
   * Given special tokens.
   *
   * @param vocabulary one more than the largest id
   * @param sentinels the ids that stand for the first, second, ... hidden span
   * @throws BadInputException if an id is outside the vocabulary
   */
  public static SpecialTokens of(int vocabulary, Map<Special, Integer> ids, int... sentinels) {
    return new SpecialTokens(vocabulary, ids, sentinels.clone(), List.of());
  }

  /**
   * The special tokens of a tokenizer, by their published names. What the vocabulary lacks gets an
   * id behind its end ({@link #added}), so that every objective can be trained with any tokenizer.
   *
   * @param sentinels how many sentinels there shall be at least
   */
  public static SpecialTokens in(Tokenizer tokenizer, int sentinels) {
    return complete(tokenizer.vocabularySize(), sentinels, tokenizer::id);
  }

  /** All special tokens behind the end of a vocabulary that has none. */
  public static SpecialTokens behind(int vocabulary, int sentinels) {
    return complete(vocabulary, sentinels, name -> OptionalInt.empty());
  }

  private static SpecialTokens complete(
      int vocabulary, int sentinels, Function<String, OptionalInt> known) {
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
      ids.put(special, find.applyAsInt(special.names()));
    }
    int[] spans = new int[sentinels];
    for (int i = 0; i < sentinels; i++) {
      spans[i] = find.applyAsInt(List.of(sentinelName(i)));
    }
    return new SpecialTokens(Math.addExact(vocabulary, added.size()), ids, spans, added);
  }

  /** What T5 calls the sentinel of the i-th hidden span. */
  public static String sentinelName(int i) {
    return "<extra_id_" + i + ">";
  }

  /** One more than the largest id, added tokens included. */
  public int vocabulary() {
    return vocabulary;
  }

  /** The names of the tokens that the tokenizer lacks, in the order of their ids. */
  public List<String> added() {
    return added;
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

  /** The ids that are not special, ascending: their number. */
  public int ordinaryCount() {
    return ordinary.length;
  }

  /** The ids that are not special, ascending: the i-th. */
  public int ordinary(int i) {
    return ordinary[i];
  }
}
