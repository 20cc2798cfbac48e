package dev.culebra.models.dit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Positions of patches. */
class PlanePositionsTest {

  /** {@code get_2d_sincos_pos_embed(8, 2)} of the authors' code, computed by hand. */
  @Test
  void columnsStandBeforeRowsAndSinesBeforeCosines() {
    float sin = (float) Math.sin(1);
    float cos = (float) Math.cos(1);
    float slowSin = (float) Math.sin(0.01);
    float slowCos = (float) Math.cos(0.01);
    assertThat(PlanePositions.table(2, 8))
        .containsExactly(
            0, 0, 1, 1, 0, 0, 1, 1, sin, slowSin, cos, slowCos, 0, 0, 1, 1, 0, 0, 1, 1, sin,
            slowSin, cos, slowCos, sin, slowSin, cos, slowCos, sin, slowSin, cos, slowCos);
  }
}
