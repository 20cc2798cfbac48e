package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BadRowsTest {
  private static BadRows rows(double share, int good, int bad) {
    BadRows rows = new BadRows(share);
    for (int i = 0; i < good; i++) {
      assertThat(rows.take(() -> List.of("row"))).containsExactly("row");
    }
    for (int i = 1; i <= bad; i++) {
      String message = "f:" + i + " is bad";
      assertThat(
              rows.take(
                  () -> {
                    throw new BadInputException(message);
                  }))
          .isEmpty();
    }
    return rows;
  }

  @Test
  void bearsAShare() {
    BadRows rows = rows(BadRows.DEFAULT_SHARE, 396, 4);
    rows.finish("pairs");
    assertThat(rows.rows()).isEqualTo(400);
    assertThat(rows.bad()).isEqualTo(4);
    assertThat(rows.summary())
        .isEqualTo("4 of 400 rows left out: f:1 is bad; f:2 is bad; f:3 is bad; ...");
    assertRefused(
        () -> rows(BadRows.DEFAULT_SHARE, 395, 5).finish("pairs"),
        "5 of 400 pairs cannot be used, and 4 would be borne: f:1 is bad; f:2 is bad; f:3 is bad;"
            + " ...");
  }

  @Test
  void bearsOneRowOfAFewUnlessNoneIsToBeBorne() {
    BadRows few = rows(0.01, 1, 1);
    few.finish("pairs");
    assertThat(few.summary()).isEqualTo("1 of 2 rows left out: f:1 is bad");
    assertRefused(
        () -> rows(0, 1000, 1).finish("pairs"),
        "1 of 1,001 pairs cannot be used, and 0 would be borne: f:1 is bad");
    assertThat(rows(0, 3, 0).summary()).isEmpty();
  }

  @Test
  void needsAGoodRow() {
    assertRefused(() -> rows(1, 0, 1).finish("pairs"), "None of 1 pair can be used: f:1 is bad");
    assertRefused(() -> new BadRows().finish("pairs"), "There are no pairs to read");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void refusesSharesThatAreNone(double share) {
    assertRefused(
        () -> new BadRows(share), "The share of bad rows must be from 0 to 1, not " + share);
  }
}
