package dev.culebra.objectives.text.corruption;

import dev.culebra.data.token.SpecialTokens;
import java.util.Arrays;

/**
 * What a decoder shall write: ids, and which token of the original each one is. From it come the
 * decoder's rows by teacher forcing: row i reads what comes before token i and is asked for it.
 */
final class Target {
  private int[] ids;
  private int[] origins;
  private int length;

  Target(int expected) {
    ids = new int[Math.max(8, expected)];
    origins = new int[Math.max(8, expected)];
  }

  /** A target that begins as texts of an arrangement do: see {@link SpecialTokens#opening}. */
  static Target opened(SampleLayout architecture, SpecialTokens specials, int expected) {
    Target target = new Target(expected);
    if (architecture == SampleLayout.ENCODER_DECODER) {
      for (int id : specials.opening()) {
        target.add(id);
      }
    }
    return target;
  }

  /** The next token to write: {@code origin} of the original, or {@link Sequence#NOWHERE}. */
  Target add(int id, int origin) {
    if (length == ids.length) {
      int capacity = Math.addExact(length, length);
      ids = Arrays.copyOf(ids, capacity);
      origins = Arrays.copyOf(origins, capacity);
    }
    ids[length] = id;
    origins[length] = origin;
    length++;
    return this;
  }

  /** The next token is a special one. */
  Target add(int id) {
    return add(id, Sequence.NOWHERE);
  }

  int length() {
    return length;
  }

  int id(int i) {
    return ids[i];
  }

  int origin(int i) {
    return origins[i];
  }

  /** A causal decoder's rows: {@code start, t0, t1, ...} are asked for {@code t0, t1, t2, ...}. */
  Sequence.Builder shiftedRight(int start) {
    Sequence.Builder rows = new Sequence.Builder(length);
    int id = start;
    int shown = Sequence.NOWHERE;
    for (int i = 0; i < length; i++) {
      rows.add(id, shown, 0, ids[i], origins[i]);
      id = ids[i];
      shown = origins[i];
    }
    return rows;
  }
}
