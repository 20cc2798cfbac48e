package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import org.junit.jupiter.api.Test;

/** How images are cut. */
class PatchGridTest {

  private static float[] counted(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void rowsToReadAreOrderedLikeAConvolutionsWeight() {
    PatchGrid grid = new PatchGrid(4, 2, 3);
    float[] rows = new float[48];
    grid.toRead(counted(48), 0, rows, 0);
    // The second patch, the upper right one: its four pixels in the first plane, then the second.
    assertThat(rows).containsSequence(2, 3, 6, 7, 18, 19, 22, 23, 34, 35, 38, 39);
    assertThat(grid.patches()).isEqualTo(4);
    assertThat(grid.patchValues()).isEqualTo(12);
  }

  @Test
  void rowsToWriteHaveTheChannelsOfAPixelSideBySide() {
    PatchGrid grid = new PatchGrid(4, 2, 3);
    float[] rows = new float[48];
    grid.toWritten(counted(48), 0, rows, 0);
    assertThat(rows).startsWith(0, 16, 32, 1, 17, 33, 4, 20, 36, 5, 21, 37);
  }

  @Test
  void bothHaveTheirWayBack() {
    PatchGrid grid = new PatchGrid(6, 3, 3);
    float[] planes = counted(2 * grid.values());
    float[] rows = new float[planes.length];
    float[] back = new float[planes.length];
    for (int image = 0; image < 2; image++) {
      int at = image * grid.values();
      grid.toRead(planes, at, rows, at);
      grid.fromRead(rows, at, back, at);
    }
    assertThat(back).isEqualTo(planes);
    for (int image = 0; image < 2; image++) {
      int at = image * grid.values();
      grid.toWritten(planes, at, rows, at);
      grid.fromWritten(rows, at, back, at);
    }
    assertThat(back).isEqualTo(planes);
  }

  @Test
  void patchesMustFillTheImage() {
    assertThatThrownBy(() -> new PatchGrid(28, 5, 1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Patches of 5 pixels do not fill images of 28 x 28");
  }
}
