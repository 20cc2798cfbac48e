package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.SpecialTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

/** Which rows masked language modelling asks for, in the order in which they were selected. */
final class Selection {
  private final Masking masking;
  private final RandomSource draws;
  private final int length;
  private final List<int[]> units;

  private Selection(Masking masking, Framed framed, SpecialTokens specials, RandomSource draws) {
    this.masking = masking;
    this.draws = draws;
    this.length = framed.rows().length();
    this.units = units(masking, framed, specials);
  }

  /** Selects rows of a sequence. */
  static int[] of(Masking masking, Framed framed, SpecialTokens specials, RandomSource draws) {
    Selection selection = new Selection(masking, framed, specials, draws);
    return switch (masking.choice()) {
      case EXACT, EXACT_UP -> selection.exact();
      case BERNOULLI, SINGLE_DRAW -> selection.bernoulli();
      case ROUNDED_BY_CHANCE -> selection.roundedByChance();
      case REPEATED -> selection.repeated();
    };
  }

  /** The rows that are selected together: words, or each row on its own. */
  private static List<int[]> units(Masking masking, Framed framed, SpecialTokens specials) {
    boolean all = masking.choice() == Masking.Choice.ROUNDED_BY_CHANCE;
    Sequence rows = framed.rows();
    List<int[]> units = new ArrayList<>();
    int start = -1;
    for (int row = 0; row <= rows.length(); row++) {
      boolean eligible = row < rows.length() && (all || !specials.isSpecial(rows.id(row)));
      boolean continues =
          eligible
              && masking.wholeWords()
              && !framed.wordStarts().get(row)
              && rows.shown(row) != Sequence.NOWHERE;
      if (!continues) {
        if (start >= 0) {
          units.add(IntStream.range(start, row).toArray());
        }
        start = eligible ? row : -1;
      } else if (start < 0) {
        start = row;
      }
    }
    return units;
  }

  /** How many tokens BERT selects; ELECTRA and textbooks alike. */
  private int count() {
    if (masking.choice() == Masking.Choice.EXACT_UP) {
      long tokens = units.stream().mapToLong(unit -> unit.length).sum();
      return (int) Math.min(masking.limit(), Math.ceil(tokens * masking.rate()));
    }
    double rounded =
        masking.choice() == Masking.Choice.REPEATED // TensorFlow rounds in float32
            ? Math.rint((float) length * (float) masking.rate())
            : Math.rint(length * masking.rate());
    return (int) Math.min(masking.limit(), Math.max(1, rounded));
  }

  /**
   * Visits the units in random order and takes from each the longest run, of at most the drawn
   * number of units, that fits what is left of the count and overlaps no other.
   */
  private int[] exact() {
    int wanted = count();
    int[] selected = new int[wanted];
    int taken = 0;
    BitSet covered = new BitSet();
    for (int first : draws.order(units.size())) {
      if (taken >= wanted) {
        break;
      }
      int n = runLength(Math.min(masking.ngrams(), units.size() - first));
      int[] run = run(first, n);
      while (taken + run.length > wanted && n > 1) {
        run = run(first, --n);
      }
      if (taken + run.length > wanted || Arrays.stream(run).anyMatch(covered::get)) {
        continue;
      }
      for (int row : run) {
        covered.set(row);
        selected[taken++] = row;
      }
    }
    return Arrays.copyOf(selected, taken);
  }

  private int runLength(int longest) {
    if (masking.ngrams() == 1) {
      return 1;
    }
    return 1
        + draws.pick(
            new Probabilities(
                IntStream.rangeClosed(1, longest).mapToDouble(n -> 1.0 / n).toArray()));
  }

  private int[] run(int first, int n) {
    return units.subList(first, first + n).stream().flatMapToInt(Arrays::stream).toArray();
  }

  private int[] bernoulli() {
    return units.stream()
        .filter(unit -> draws.chance(masking.rate()))
        .flatMapToInt(Arrays::stream)
        .toArray();
  }

  private int[] roundedByChance() {
    int count = (int) (masking.rate() * units.size() + draws.unit());
    int[] chosen = draws.distinct(units.size(), Math.min(count, units.size()));
    Arrays.sort(chosen);
    return Arrays.stream(chosen).mapToObj(units::get).flatMapToInt(Arrays::stream).toArray();
  }

  private int[] repeated() {
    if (units.isEmpty()) {
      return new int[0];
    }
    int count = count();
    return IntStream.range(0, count)
        .map(i -> units.get(draws.below(units.size()))[0])
        .distinct()
        .toArray();
  }
}
