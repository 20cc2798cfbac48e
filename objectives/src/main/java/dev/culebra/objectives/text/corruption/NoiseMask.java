package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;

/**
 * Which tokens of a text are hidden, in spans. Counts are split into random non-empty parts as T5
 * does: of all ways to cut n things into s parts each is equally likely.
 */
final class NoiseMask {

  private NoiseMask() {}

  /** Where the hidden spans may lie. */
  enum Placement {
    /** Kept and hidden parts take turns, a kept one first: a single span is always the end. */
    LAST,
    /**
     * The same, turned by a random offset ({@code random_roll} of T5): a span may be cut in two.
     */
    ROLLED,
    /** Any place, each equally likely; spans never touch. */
    ANYWHERE
  }

  /** Hides {@code counts.hidden} of {@code length} tokens. */
  static boolean[] draw(
      int length, SpanLengths.Counts counts, Placement placement, RandomSource draws) {
    int n = Math.max(length, 2);
    int[] hidden = parts(counts.hidden(), counts.spans(), draws);
    int kept = n - counts.hidden();
    int[] gaps =
        placement == Placement.ANYWHERE
            ? gaps(kept, counts.spans(), draws)
            : parts(kept, counts.spans(), draws);
    boolean[] mask = new boolean[n];
    int at = 0;
    for (int span = 0; span < counts.spans(); span++) {
      at += gaps[span];
      for (int i = 0; i < hidden[span]; i++) {
        mask[at++] = true;
      }
    }
    int offset = placement == Placement.ROLLED ? draws.below(n) : 0;
    boolean[] placed = new boolean[length];
    for (int i = 0; i < length; i++) {
      placed[i] = mask[Math.floorMod(i - offset, n)];
    }
    return placed;
  }

  /** Cuts {@code items} into {@code parts} non-empty parts: parts - 1 of items - 1 cuts are set. */
  private static int[] parts(int items, int parts, RandomSource draws) {
    boolean[] cut = new boolean[items]; // cut[i]: a part begins at item i
    for (int slot : draws.distinct(items - 1, parts - 1)) {
      cut[slot + 1] = true;
    }
    int[] lengths = new int[parts];
    int part = 0;
    for (int i = 0; i < items; i++) {
      part += cut[i] ? 1 : 0;
      lengths[part]++;
    }
    return lengths;
  }

  /** Sends spans into distinct ones of the kept + 1 gaps: how many are kept before each span. */
  private static int[] gaps(int kept, int spans, RandomSource draws) {
    boolean[] taken = new boolean[kept + 1];
    for (int gap : draws.distinct(kept + 1, spans)) {
      taken[gap] = true;
    }
    int[] before = new int[spans];
    int span = 0;
    int since = 0;
    for (int gap = 0; gap <= kept; gap++) {
      if (taken[gap]) {
        before[span++] = gap - since;
        since = gap;
      }
    }
    return before;
  }
}
