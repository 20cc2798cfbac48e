package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class GroupSplitTest {
  private static final int ROWS = 2000;

  private static List<TextPair> pairs(int groups) {
    return IntStream.range(0, ROWS)
        .mapToObj(
            i ->
                new TextPair(
                    "source " + i,
                    "target " + i,
                    "group " + i % groups,
                    List.of(),
                    new Place(Path.of("a.tsv"), i + 1)))
        .toList();
  }

  private static Set<String> groups(List<TextPair> pairs) {
    return pairs.stream().map(TextPair::group).collect(Collectors.toSet());
  }

  @Property(tries = 100)
  void keepsGroupsTogetherAndRowsInOrder(
      @ForAll long seed, @ForAll @DoubleRange(min = 0.1, max = 0.9) double share) {
    List<TextPair> all = pairs(500);
    GroupSplit.Parts<TextPair> parts = new GroupSplit(share, seed).pairs(all);
    assertThat(groups(parts.training())).doesNotContainAnyElementsOf(groups(parts.heldOut()));
    assertThat(parts.training().size() + parts.heldOut().size()).isEqualTo(ROWS);
    assertThat(parts.training()).isSubsetOf(all);
    assertThat(parts.heldOut()).isSortedAccordingTo((a, b) -> Long.compare(number(a), number(b)));
    // Six standard deviations of the share of 500 draws.
    assertThat(groups(parts.heldOut()).size() / 500.0)
        .isCloseTo(share, within(6 * Math.sqrt(share * (1 - share) / 500)));
    assertThat(new GroupSplit(share, seed).pairs(all)).isEqualTo(parts);
  }

  private static long number(TextPair pair) {
    return pair.where().number();
  }

  @Test
  void choosesByTheSeed() {
    List<TextPair> all = pairs(500);
    assertThat(groups(new GroupSplit(0.2, 1).pairs(all).heldOut()))
        .isNotEqualTo(groups(new GroupSplit(0.2, 2).pairs(all).heldOut()));
  }

  @Test
  void groupsPairsWithoutAGroupBySource() {
    List<TextPair> all =
        IntStream.range(0, ROWS)
            .mapToObj(
                i ->
                    new TextPair(
                        "s" + i % 50, "t" + i, null, List.of(), new Place(Path.of("a"), i)))
            .toList();
    GroupSplit.Parts<TextPair> parts = new GroupSplit(0.5, 3).pairs(all);
    Set<String> learned =
        parts.training().stream().map(TextPair::source).collect(Collectors.toSet());
    assertThat(parts.heldOut()).noneMatch(pair -> learned.contains(pair.source()));
  }

  @Test
  void refusesSharesAndDataThatLeaveASideEmpty() {
    for (double share : new double[] {0, 1, Double.NaN}) {
      assertRefused(
          () -> new GroupSplit(share, 0),
          "The held-out share must be above 0 and below 1, not " + share);
    }
    assertRefused(
        () -> new GroupSplit(0.5, 1).pairs(pairs(1)),
        "Holding out 0.5 of 1 group of 2,000 rows leaves 2,000 to train on and 0 to evaluate on:"
            + " give more data or another share (rows of one group, one source or one target stay"
            + " together)");
  }

  private static TextPair pair(Object source, Object target, String group) {
    return new TextPair("s" + source, "t" + target, group, List.of(), new Place(Path.of("a"), 1));
  }

  /** Rows of few groups, sources and targets, at random. */
  @Property(tries = 200)
  void keepsSourcesAndTargetsTogether(@ForAll long seed) {
    Random random = new Random(seed);
    List<TextPair> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      String group = random.nextInt(3) == 0 ? "g" + random.nextInt(200) : null;
      all.add(pair(random.nextInt(400), random.nextInt(400), group));
    }
    GroupSplit.Parts<TextPair> parts;
    try {
      parts = new GroupSplit(0.3, seed).pairs(all);
    } catch (BadInputException e) {
      Assume.that(false); // nearly all of them hang together
      return;
    }
    List<Function<TextPair, String>> ties =
        List.of(TextPair::source, TextPair::target, TextPair::group);
    for (Function<TextPair, String> tie : ties) {
      Set<String> learned = parts.training().stream().map(tie).collect(Collectors.toSet());
      assertThat(parts.heldOut())
          .noneMatch(pair -> tie.apply(pair) != null && learned.contains(tie.apply(pair)));
    }
    assertThat(parts.labels()).isZero();
    List<TextPair> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    assertThat(new GroupSplit(0.3, seed).pairs(shuffled).heldOut())
        .containsExactlyInAnyOrderElementsOf(parts.heldOut());
  }

  @Test
  void followsTiesFromRowToRow() {
    List<TextPair> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) { // pairs of three rows, each tied to the next only
      all.add(pair("a" + i, "x" + i, null));
      all.add(pair("b" + i, "x" + i, "g" + i));
      all.add(pair("c" + i, "y" + i, "g" + i));
    }
    GroupSplit.Parts<TextPair> parts = new GroupSplit(0.3, 5).pairs(all);
    Set<String> held =
        parts.heldOut().stream().map(p -> p.source().substring(2)).collect(Collectors.toSet());
    assertThat(parts.heldOut()).hasSize(3 * held.size()).isNotEmpty();
  }

  @Test
  void labelsTieNothing() {
    List<TextPair> all = IntStream.range(0, 200).mapToObj(i -> pair(i, i % 2, null)).toList();
    GroupSplit.Parts<TextPair> parts = new GroupSplit(0.2, 1).pairs(all);
    assertThat(parts.labels()).isEqualTo(2);
    assertThat(parts.heldOut())
        .hasSizeBetween(20, 60)
        .extracting(TextPair::target)
        .contains("t0", "t1");
  }

  @Test
  void oneSourceOrTargetIsOneGroup() {
    List<TextPair> oneSource = IntStream.range(0, 200).mapToObj(i -> pair(0, i, null)).toList();
    List<TextPair> oneTarget = IntStream.range(0, 200).mapToObj(i -> pair(i, 0, null)).toList();
    for (List<TextPair> all : List.of(oneSource, oneTarget)) {
      assertThatThrownBy(() -> new GroupSplit(0.5, 1).pairs(all))
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith(
              "Holding out 0.5 of 1 group of 200 rows leaves 200 to train on and 0 to evaluate on");
    }
  }

  @Test
  void learnsFromAGroupOfMostRows() {
    List<TextPair> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(pair(i, i, i < 700 ? "most" : null));
    }
    for (long seed = 0; seed < 50; seed++) {
      assertThat(new GroupSplit(0.9, seed).pairs(all).training())
          .filteredOn(pair -> pair.group() != null)
          .hasSize(700);
    }
  }
}
