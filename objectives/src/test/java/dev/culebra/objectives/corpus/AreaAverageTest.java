package dev.culebra.objectives.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AreaAverageTest {
  @Test
  void weighsPixelsByTheirCoveredShare() {
    Pixels image = new Pixels(3, 1, 1, new byte[] {0, 60, (byte) 240});
    // The first new pixel covers 0 and half of 60; the second the other half and 240.
    assertThat(AreaAverage.resize(image, 2, 1).bytes()).containsExactly(20, 180);
    assertThat(AreaAverage.resize(image, 6, 1).bytes())
        .containsExactly(0, 0, 60, 60, (byte) 240, (byte) 240);
    assertThat(AreaAverage.resize(image, 1, 2).bytes()).containsExactly(100, 100);
  }

  @Property(tries = 300)
  void keepsTheMean(
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = 1, max = 40) int height,
      @ForAll @IntRange(min = 1, max = 20) int newWidth,
      @ForAll @IntRange(min = 1, max = 20) int newHeight,
      @ForAll long seed) {
    byte[] bytes = new byte[3 * width * height];
    new Random(seed).nextBytes(bytes);
    Pixels resized = AreaAverage.resize(new Pixels(width, height, 3, bytes), newWidth, newHeight);
    for (int channel = 0; channel < 3; channel++) {
      // Every value is rounded by at most a half.
      assertThat(mean(resized.bytes(), channel)).isCloseTo(mean(bytes, channel), within(0.51));
    }
  }

  private static double mean(byte[] bytes, int channel) {
    double sum = 0;
    for (int i = channel; i < bytes.length; i += 3) {
      sum += Byte.toUnsignedInt(bytes[i]);
    }
    return 3 * sum / bytes.length;
  }
}
