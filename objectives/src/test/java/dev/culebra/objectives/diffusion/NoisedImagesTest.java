package dev.culebra.objectives.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.PatchGrid;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.Place;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.objectives.diffusion.NoisedImages.Options;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images with noise and what is asked of them. */
class NoisedImagesTest {

  private static final PatchGrid GRID = new PatchGrid(4, 2, 1);
  private static final int CLASSES = 5;

  /** An image whose pixels all have the value of its number, with a label. */
  private static LabelledImage image(int number) {
    byte[] pixels = new byte[16];
    Arrays.fill(pixels, (byte) (20 * number));
    return new LabelledImage(
        4, 4, 1, pixels, null, null, null, number % 5, new Place(Path.of("p"), number));
  }

  private static List<LabelledImage> images(int count) {
    return IntStream.range(0, count).mapToObj(NoisedImagesTest::image).toList();
  }

  private static NoiseProcess process(Prediction prediction) {
    return new NoiseProcess(50, "cosine", prediction, false);
  }

  private static NoisedImages images(int count, Prediction prediction, double minSnr) {
    Options options = new Options(process(prediction), 8, CLASSES, 0.25, minSnr);
    return new NoisedImages(images(count), GRID, options, 7);
  }

  /** Undoing the noise that the target tells gives the image. */
  @ParameterizedTest
  @EnumSource(Prediction.class)
  void theTargetLeadsBackToTheImage(Prediction prediction) {
    NoiseSchedule schedule = process(prediction).schedule();
    TrainingBatches<NoiseBatch> source = images(8, prediction, 0).training(1);
    NoiseBatch batch = source.newBatch();
    source.fill(3, 0, batch);
    assertThat(batch.count()).isEqualTo(8);
    float[] noised = new float[16];
    float[] target = new float[16];
    for (int i = 0; i < 8; i++) {
      GRID.fromRead(batch.noised(), i * 16, noised, 0);
      GRID.fromWritten(batch.targets(), i * 16, target, 0);
      int t = batch.steps()[i];
      double signal = schedule.signal(t);
      double noise = schedule.noise(t);
      double[] image = new double[16];
      for (int j = 0; j < 16; j++) {
        image[j] =
            prediction == Prediction.EPSILON
                ? (noised[j] - noise * target[j]) / signal
                : signal * noised[j] - noise * target[j];
      }
      double level = (image[0] + 1) * 127.5 / 20;
      assertThat(level).isCloseTo(Math.rint(level), within(1e-3 / signal));
      for (double value : image) {
        assertThat(value).isCloseTo(image[0], within(1e-5 / signal));
      }
    }
  }

  @Test
  void aBatchIsAFunctionOfItsNumber() {
    TrainingBatches<NoiseBatch> once = images(20, Prediction.EPSILON, 0).training(2);
    TrainingBatches<NoiseBatch> again = images(20, Prediction.EPSILON, 0).training(2);
    NoiseBatch first = once.newBatch();
    NoiseBatch second = again.newBatch();
    once.fill(0, 0, first);
    once.fill(9, 1, first);
    again.fill(9, 1, second);
    assertThat(second.noised()).isEqualTo(first.noised());
    assertThat(second.targets()).isEqualTo(first.targets());
    assertThat(second.steps()).isEqualTo(first.steps());
    assertThat(second.classes()).isEqualTo(first.classes());
    again.fill(9, 0, second);
    assertThat(second.targets()).isNotEqualTo(first.targets());
  }

  /**
   * 2,000 images: steps uniform, a quarter of the classes not told, noise of mean 0 and power 1.
   */
  @Test
  void drawsHaveTheirRates() {
    TrainingBatches<NoiseBatch> source = images(40, Prediction.EPSILON, 0).training(1);
    NoiseBatch batch = source.newBatch();
    int untold = 0;
    double sum = 0;
    double power = 0;
    Map<Integer, Integer> steps = new HashMap<>();
    for (int step = 0; step < 250; step++) {
      source.fill(step, 0, batch);
      for (int i = 0; i < 8; i++) {
        untold += batch.classes()[i] == CLASSES ? 1 : 0;
        steps.merge(batch.steps()[i] / 10, 1, Integer::sum);
      }
      for (float value : batch.targets()) {
        sum += value;
        power += (double) value * value;
      }
    }
    assertThat(untold / 2000.0).isCloseTo(0.25, within(0.04));
    assertThat(sum / 32_000).isCloseTo(0, within(0.025));
    assertThat(power / 32_000).isCloseTo(1, within(0.035));
    assertThat(steps).hasSize(5);
    assertThat(steps.values()).allSatisfy(n -> assertThat(n).isBetween(320, 480));
  }

  @Test
  void heldOutImagesComeInOrderSoManyTimesWithEqualWeights() {
    EvaluationBatches<NoiseBatch> heldOut = images(5, Prediction.EPSILON, 5).heldOut(3);
    assertThat(heldOut.batches()).isEqualTo(2);
    NoiseBatch batch = heldOut.newBatch();
    heldOut.fill(0, batch);
    assertThat(batch.classes()).containsExactly(0, 1, 2, 3, 4, 0, 1, 2);
    assertThat(batch.weights()).containsOnly(1);
    heldOut.fill(1, batch);
    assertThat(batch.count()).isEqualTo(7);
  }

  @Test
  void trainingWeighsByMinSnr() {
    TrainingBatches<NoiseBatch> source = images(8, Prediction.V, 5).training(1);
    NoiseBatch batch = source.newBatch();
    source.fill(0, 0, batch);
    NoiseSchedule schedule = process(Prediction.V).schedule();
    for (int i = 0; i < 8; i++) {
      double expected = schedule.minSnrWeight(batch.steps()[i], 5, Prediction.V);
      assertThat(batch.weights()[i]).isEqualTo((float) expected);
    }
  }

  /** One image fills every batch, with other noise each time. */
  @Test
  void oneImageIsEnoughAndNoneIsNot() {
    TrainingBatches<NoiseBatch> source = images(1, Prediction.EPSILON, 0).training(1);
    NoiseBatch batch = source.newBatch();
    source.fill(0, 0, batch);
    assertThat(batch.count()).isEqualTo(8);
    assertThat(batch.targets()[0]).isNotEqualTo(batch.targets()[16]);
    assertThatThrownBy(() -> images(0, Prediction.EPSILON, 0))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("no images");
  }
}
