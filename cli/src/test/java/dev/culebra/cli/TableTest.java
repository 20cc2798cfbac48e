package dev.culebra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TableTest {

  @Test
  void columnsAreAligned() {
    Table table = new Table(1).row("", "loss").row("model", "5.1").row("bigram", "14.7", "far");
    assertThat(table.lines()).containsExactly("        loss", "model    5.1", "bigram  14.7  far");
  }

  @Test
  void charactersOutsideTheBasicPlaneCountOnce() {
    assertThat(new Table().row("\uD83D\uDC33", "x").row("ab", "y").lines())
        .containsExactly("\uD83D\uDC33   x", "ab  y");
  }

  @Test
  void aTableWithoutRowsHasNoLines() {
    assertThat(new Table().lines()).isEmpty();
  }
}
