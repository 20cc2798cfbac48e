package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.image.Normalisation;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.Place;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.objectives.pairs.ContrastiveObjective;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderBatch;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.ImageBatch;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.objectives.pairs.PairInputs;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Noise;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.test.lane.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Gradients of whole dual encoders: against central differences along a random direction of each
 * weight, and those of embeddings that were cached against those that were not; with dropout too,
 * where a chunk must drop the same when it is embedded again.
 *
 * <p>Differences at steps of 1/512 and 1/256 along directions of unit length are extrapolated to
 * none, for the slope of embeddings that start near 0.02 is steep and bent. What remains is the
 * rounding of two losses of about 10, some 1e-6 over 1/256.
 */
final class DualEncoderGradientTest {

  private static final int PAIRS = 5;
  private static final float STEP = 1 / 512f;

  private static DualEncoder model(Device device, String kind, PairLoss loss) {
    if (images(kind)) {
      ImageTextShape.Tower tower =
          new ImageTextShape.Tower(16, 2, 2, 32, 1e-5, Activation.QUICK_GELU);
      ImageTextShape shape =
          new ImageTextShape(Design.of(kind), tower, 40, 8, 39, tower, 8, 3, 4, 12);
      return new ImageTextEncoder(device, shape, loss.start());
    }
    EncoderShape shape = new EncoderShape(40, 8, 16, 2, 2, 32, 1e-5, Activation.GELU, Head.NONE);
    return new TextEncoders(device, shape, kind.equals("shared"), loss.start());
  }

  private static boolean images(String kind) {
    return kind.equals("clip") || kind.equals("vit-bert");
  }

  private static EncoderInput.Words words(SplittableRandom random) {
    return new EncoderInput.Words(random.ints(1 + random.nextInt(8), 0, 40).toArray());
  }

  private static EncoderInput image(SplittableRandom random) {
    byte[] pixels = new byte[8 * 8 * 3];
    random.nextBytes(pixels);
    Place place = new Place(Path.of("drawn"), 1);
    return new EncoderInput.Image(
        new LabelledImage(8, 8, 3, pixels, null, null, null, LabelledImage.NO_LABEL, place));
  }

  /** Pairs of which two are of one group and one query has another's key too. */
  private static PairBatch batch(String kind, int chunk, SplittableRandom random) {
    boolean images = images(kind);
    IntFunction<EncoderBatch> texts =
        count -> new TextBatch(count, 8, kind.equals("clip") ? Attention.CAUSAL : Attention.WHOLE);
    IntFunction<EncoderBatch> left =
        images ? count -> new ImageBatch(count, 8, 3, 4, Normalisation.centred(3)) : texts;
    int[][] known = IntStream.range(0, PAIRS).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
    known[3] = new int[] {0, 3};
    PairBatch batch = new PairBatch(PAIRS, 1, chunk, left, texts, known);
    batch.begin();
    for (int i = 0; i < PAIRS; i++) {
      var hard = List.of(new EncodedPair.Negative(words(random), EncodedPair.UNKNOWN));
      EncoderInput query = images ? image(random) : words(random);
      batch.add(new EncodedPair(query, words(random), hard, Math.max(1, i), i, i));
    }
    batch.finish();
    return batch;
  }

  /** A model with a batch in place. */
  private static final class Bench implements AutoCloseable {
    final Device device = CpuDevice.open(1);
    final DualEncoder model;
    final ContrastiveObjective objective;
    final PairInputs slot;
    final Buffer stepValues;
    private final float dropout;

    Bench(String kind, String profile, int chunk, float dropout, long seed) {
      this.dropout = dropout;
      PairLoss loss = PairLoss.of(profile);
      model = model(device, kind, loss);
      model.parameters().initialize(seed);
      objective = new ContrastiveObjective("test", model, loss, null);
      PairBatch batch = batch(kind, chunk, new SplittableRandom(seed));
      slot = objective.slot(device, batch);
      slot.load(batch);
      slot.swap();
      stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
    }

    double loss() {
      device.kernels().fill(stepValues, 0);
      try (Tape tape = Tape.forwardOnly(device).with(noise())) {
        objective.loss(tape, slot, stepValues);
      }
      return value(stepValues, StepValues.LOSS);
    }

    /** The central difference quotient along a direction. */
    double rise(Parameter parameter, float[] direction, float step) {
      move(parameter, direction, step);
      double above = loss();
      move(parameter, direction, -2 * step);
      double below = loss();
      move(parameter, direction, step);
      return (above - below) / (2 * step);
    }

    private Noise noise() {
      return new Noise(stepValues, dropout, 3);
    }

    float[] gradients() {
      device.kernels().fill(stepValues, 0);
      device.kernels().fill(stepValues.slice(StepValues.LOSS_SCALE, 1), 1);
      model.parameters().zeroGradients();
      try (Tape tape = Tape.recording(device).with(noise())) {
        objective.loss(tape, slot, stepValues);
        tape.backward();
      }
      float[] all = new float[Math.toIntExact(model.parameters().gradients().length())];
      device.download(MemorySegment.ofArray(all), model.parameters().gradients());
      return all;
    }

    @Override
    public void close() {
      stepValues.release();
      slot.close();
      model.close();
      device.close();
    }
  }

  private static float value(Buffer buffer, long index) {
    return buffer.memory().getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  @ParameterizedTest
  @CsvSource({
    "shared, infonce, 0, 0",
    "shared, infonce, 0, 0.3",
    "two, clip, 0, 0",
    "two, clip, 2, 0.3",
    "shared, siglip, 0, 0",
    "clip, clip, 0, 0",
    "vit-bert, clip, 0, 0",
    "vit-bert, siglip, 2, 0.3",
    "clip, clip, 3, 0.2",
    "clip, siglip, 0, 0"
  })
  void gradientsAreSlopes(String kind, String profile, int chunk, float dropout) {
    long seed = Seeds.all().getFirst();
    SplittableRandom random = new SplittableRandom(seed);
    try (Bench bench = new Bench(kind, profile, chunk, dropout, seed)) {
      float[] gradients = bench.gradients();
      for (Parameter parameter : bench.model.parameters().all()) {
        float[] direction = direction(parameter, gradients, random);
        double expected = 0;
        for (int i = 0; i < direction.length; i++) {
          expected += (double) direction[i] * gradients[Math.toIntExact(parameter.offset()) + i];
        }
        // Where it is steep it bends: a layer norm divides small rows by their deviation.
        float step = (float) (STEP / Math.sqrt(Math.max(1, expected)));
        double near = bench.rise(parameter, direction, step);
        double far = bench.rise(parameter, direction, 2 * step);
        assertThat((4 * near - far) / 3)
            .as("%s, seed %d", parameter, seed)
            .isCloseTo(expected, within(1e-2 * Math.max(1, expected)));
      }
    }
  }

  /** Half along the gradient, so that there is a slope to see, half anywhere. */
  private static float[] direction(
      Parameter parameter, float[] gradients, SplittableRandom random) {
    int from = Math.toIntExact(parameter.offset());
    int length = Math.toIntExact(parameter.length());
    float[] along = unit(Arrays.copyOfRange(gradients, from, from + length));
    float[] anywhere = new float[length];
    for (int i = 0; i < length; i++) {
      anywhere[i] = (float) random.nextGaussian();
    }
    float[] drawn = unit(anywhere);
    for (int i = 0; i < length; i++) {
      along[i] += drawn[i];
    }
    return unit(along);
  }

  private static float[] unit(float[] values) {
    double square = 0;
    for (float value : values) {
      square += (double) value * value;
    }
    float[] unit = new float[values.length];
    for (int i = 0; i < unit.length && square > 0; i++) {
      unit[i] = (float) (values[i] / Math.sqrt(square));
    }
    return unit;
  }

  private static void move(Parameter parameter, float[] direction, float step) {
    for (int i = 0; i < direction.length; i++) {
      float moved = value(parameter.master(), i) + step * direction[i];
      parameter.master().memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, moved);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "shared, clip, 2",
    "two, mnrl, 1",
    "clip, clip, 3",
    "clip, siglip, 2",
    "vit-bert, clip, 2"
  })
  void cachedGradientsAreTheSame(String kind, String profile, int chunk) {
    long seed = Seeds.all().getFirst();
    try (Bench whole = new Bench(kind, profile, 0, 0, seed);
        Bench chunked = new Bench(kind, profile, chunk, 0, seed)) {
      assertThat(chunked.loss()).isCloseTo(whole.loss(), within(1e-5 * whole.loss()));
      float[] expected = whole.gradients();
      float[] actual = chunked.gradients();
      float largest = 0;
      for (float gradient : expected) {
        largest = Math.max(largest, Math.abs(gradient));
      }
      assertThat(largest).isPositive();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i])
            .as("gradient %d, seed %d", i, seed)
            .isCloseTo(expected[i], within(1e-5f * largest));
      }
    }
  }
}
