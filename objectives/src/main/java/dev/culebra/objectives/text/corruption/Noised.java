package dev.culebra.objectives.text.corruption;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.Arrays;

/**
 * A text under noise: ids with the token of the original that each one is, a begin token in front
 * and an end token behind. Every step makes a new one.
 */
final class Noised {
  private final int[] ids;
  private final int[] origins;

  /** Ids, and which token of the original each is, or {@link Sequence#NOWHERE}. */
  Noised(int[] ids, int[] origins) {
    this.ids = ids;
    this.origins = origins;
  }

  static Noised of(Text text, SpecialTokens specials) {
    int n = text.length();
    int[] ids = new int[n + 2];
    int[] origins = new int[n + 2];
    ids[0] = specials.id(Special.BEGIN);
    origins[0] = Sequence.NOWHERE;
    for (int i = 0; i < n; i++) {
      ids[i + 1] = text.token(i);
      origins[i + 1] = i;
    }
    ids[n + 1] = specials.id(Special.END);
    origins[n + 1] = Sequence.NOWHERE;
    return new Noised(ids, origins);
  }

  int length() {
    return ids.length;
  }

  int id(int row) {
    return ids[row];
  }

  int origin(int row) {
    return origins[row];
  }

  /** The rows named, in that order. */
  Noised select(int[] rows) {
    int[] selectedIds = new int[rows.length];
    int[] selectedOrigins = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      selectedIds[i] = ids[rows[i]];
      selectedOrigins[i] = origins[rows[i]];
    }
    return new Noised(selectedIds, selectedOrigins);
  }

  /** A copy to be written to. */
  Noised copy() {
    return new Noised(ids.clone(), origins.clone());
  }

  /** Puts an id that is no token of the original into a row of a copy. */
  void hide(int row, int id) {
    ids[row] = id;
    origins[row] = Sequence.NOWHERE;
  }

  /** The rows without the first and the last. */
  Noised inner() {
    return new Noised(
        Arrays.copyOfRange(ids, 1, ids.length - 1),
        Arrays.copyOfRange(origins, 1, origins.length - 1));
  }
}
