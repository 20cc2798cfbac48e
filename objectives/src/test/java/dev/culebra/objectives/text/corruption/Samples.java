package dev.culebra.objectives.text.corruption;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Vocabularies and texts for tests. */
final class Samples {
  /** Ids from here on are ordinary tokens of {@link #SPECIALS}. */
  static final int FIRST = 200;

  static final int VOCABULARY = 2000;

  /** All special tokens below {@link #FIRST}, 100 of them sentinels. */
  static final SpecialTokens SPECIALS = specials();

  private Samples() {}

  private static SpecialTokens specials() {
    Map<Special, Integer> ids = new EnumMap<>(Special.class);
    for (Special special : Special.values()) {
      ids.put(special, ids.size());
    }
    int[] sentinels = IntStream.range(0, 100).map(i -> 199 - i).toArray();
    return SpecialTokens.of(VOCABULARY, ids, sentinels);
  }

  /** A text whose tokens are all different: a token tells its place. */
  static Text counting(int length) {
    return Text.of(IntStream.range(FIRST, FIRST + length).toArray());
  }

  /** The same in words and sentences of changing lengths. */
  static Text marked(int length, long seed) {
    RandomSource draws = RandomSource.of(seed, 0, length);
    BitSet words = new BitSet();
    BitSet stops = new BitSet();
    for (int i = 0; i < length; i++) {
      words.set(i, draws.chance(0.6));
      stops.set(i, draws.chance(0.15));
    }
    return Text.of(counting(length).tokens(), words, stops);
  }

  /** The one row of a batch in the vectors. */
  static int[] row(JsonNode batch) {
    return Vectors.ints(batch.get(0));
  }

  /** Words numbered in order of appearance, the special ones as the map says. */
  static final class Words {
    private final List<String> known;

    Words(List<String> known) {
      this.known = new ArrayList<>(known);
    }

    int[] ids(JsonNode words) {
      return StreamSupport.stream(words.spliterator(), false)
          .mapToInt(word -> id(word.stringValue()))
          .toArray();
    }

    int id(String word) {
      if (!known.contains(word)) {
        known.add(word);
      }
      return known.indexOf(word);
    }
  }
}
