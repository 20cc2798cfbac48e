package dev.culebra.objectives.corpus;

import static dev.culebra.objectives.corpus.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.objectives.batch.GroupSplit;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    GroupSplit split = new GroupSplit(0.5, 1);
    List<TextPair> all = pairs(1);
    String sides =
        split.holdsOut("group 0") ? "0 to train on and 2,000" : "2,000 to train on and 0";
    assertRefused(
        () -> split.pairs(all),
        "Holding out 0.5 of the groups of 2,000 rows leaves %s to judge by: give more data or another share"
            .formatted(sides));
  }
}
