package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.electra.ElectraShape;
import dev.culebra.objectives.text.ElectraInputs;
import dev.culebra.objectives.text.ElectraObjective;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * ELECTRA on one batch whose draws are the same every time: what is asked fits what is read, the
 * gradients are slopes, and the discriminator can learn which tokens were drawn.
 */
final class ReplacedTokensTest {

  private static final int VOCABULARY = 40;
  private static final int MASK = 1;
  private static final int TEXTS = 4;
  private static final int LENGTH = 12;
  private static final int PADDING = 5;
  private static final long SEED = 20;
  private static final float STEP = 1 / 1024f;

  private final Device device = CpuDevice.open(1);
  private final PackedExamples batch = new PackedExamples(TEXTS, TEXTS * LENGTH + PADDING, 1);
  private final int[] originals = new int[TEXTS * LENGTH];
  private Electra model;
  private ElectraObjective objective;
  private ElectraInputs slot;
  private Buffer stepValues;

  @BeforeEach
  void open() {
    EncoderShape shape =
        new EncoderShape(VOCABULARY, LENGTH, 32, 2, 4, 64, 1e-5, Activation.GELU, Head.NONE);
    model = new Electra(device, ElectraShape.of(shape));
    model.parameters().initialize(SEED);
    objective = new ElectraObjective(model, CrossEntropy.PLAIN, 1 << 20);
    fill(new SplittableRandom(SEED));
    slot = objective.slot(device, batch);
    slot.load(batch);
    slot.swap();
    stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
  }

  @AfterEach
  void close() {
    stepValues.release();
    slot.close();
    model.close();
    device.close();
  }

  /** Texts of which every fourth token is asked, masked or as it was; then padding. */
  private void fill(SplittableRandom random) {
    batch.begin();
    Batch rows = batch.encoder();
    for (int text = 0; text < TEXTS; text++) {
      int first = text * LENGTH;
      rows.beginSegment();
      for (int i = 0; i < LENGTH; i++) {
        int id = random.nextInt(2, VOCABULARY);
        boolean asked = i % 4 == text;
        originals[first + i] = id;
        rows.add(asked && i > 3 ? MASK : id, i, first, first + LENGTH, asked ? id : Batch.IGNORE);
      }
    }
    batch.finish(0);
  }

  private void set(int index, float value) {
    stepValues.memory().setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }

  private void begin(float generator, float discriminator) {
    device.kernels().fill(stepValues, 0);
    stepValues.memory().setAtIndex(ValueLayout.JAVA_INT, StepValues.SEED, 77);
    set(StepValues.LOSS_SCALE, generator);
    set(StepValues.LOSS_SCALE + 1, discriminator);
  }

  private double term(int index) {
    return stepValues.memory().getAtIndex(ValueLayout.JAVA_FLOAT, StepValues.LOSS + index);
  }

  private void gradients(float generator, float discriminator) {
    begin(generator, discriminator);
    model.parameters().zeroGradients();
    try (Tape tape = Tape.recording(device)) {
      objective.loss(tape, slot, stepValues);
      tape.backward();
    }
  }

  private ElectraObjective.Answers answers() {
    begin(1, 1);
    try (Tape tape = Tape.forwardOnly(device)) {
      return objective.answers(tape, slot, stepValues);
    }
  }

  @Test
  void everyTokenThatIsNotTheOriginalIsCalledReplaced() {
    ElectraObjective.Answers answers = answers();
    int[] ids = batch.encoder().ids();
    for (int row = 0; row < originals.length; row++) {
      boolean same = answers.ids()[row] == originals[row];
      assertThat(answers.replaced()[row]).as("row %d", row).isEqualTo(same ? 0 : 1);
      if (batch.encoder().labels()[row] == Batch.IGNORE) {
        assertThat(answers.ids()[row]).as("row %d, unasked", row).isEqualTo(ids[row]);
      }
    }
    assertThat(Arrays.copyOf(answers.replaced(), originals.length)).contains(1);
    for (int row = originals.length; row < answers.replaced().length; row++) {
      assertThat(answers.replaced()[row]).as("padding %d", row).isEqualTo(CrossEntropy.IGNORE);
    }
    assertThat(objective.labels(batch, 1)).isEqualTo(originals.length);
  }

  /** The embeddings that the discriminator's loss moves are those of the tokens that it reads. */
  @Test
  void theDiscriminatorReadsWhatWasDrawn() {
    ElectraObjective.Answers answers = answers();
    BitSet read = new BitSet();
    IntStream.range(0, originals.length).forEach(row -> read.set(answers.ids()[row]));
    gradients(0, 1);
    Parameter tokens = parameter("electra.embeddings.word_embeddings.weight");
    float[] gradient = floats(tokens.gradient());
    int width = gradient.length / VOCABULARY;
    BitSet moved = new BitSet();
    for (int i = 0; i < gradient.length; i++) {
      if (gradient[i] != 0) {
        moved.set(i / width);
      }
    }
    assertThat(moved).isEqualTo(read);
    assertThat(read.get(MASK)).isFalse();
  }

  private Parameter parameter(String name) {
    return model.parameters().all().stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Of the discriminator's loss, the generator learns nothing: the draw has no slope. */
  @Test
  void theDiscriminatorLeavesTheGeneratorsOwnWeightsAlone() {
    gradients(0, 1);
    for (Parameter parameter : model.parameters().all()) {
      float largest = 0;
      for (float gradient : floats(parameter.gradient())) {
        largest = Math.max(largest, Math.abs(gradient));
      }
      if (parameter.name().startsWith("generator.")) {
        assertThat(largest).as("%s", parameter).isZero();
      } else {
        assertThat(largest).as("%s", parameter).isPositive();
      }
    }
  }

  /** Central differences along a direction that lies half along the gradient. */
  @Test
  void gradientsOfBothTermsAreSlopes() {
    widen();
    gradients(1, 1);
    SplittableRandom random = new SplittableRandom(SEED);
    for (Parameter parameter : model.parameters().all()) {
      float[] gradient = floats(parameter.gradient());
      float[] direction = direction(gradient, random);
      double expected = 0;
      for (int i = 0; i < direction.length; i++) {
        expected += (double) direction[i] * gradient[i];
      }
      double above = lossAt(parameter, direction, STEP);
      double below = lossAt(parameter, direction, -STEP);
      assertThat((above - below) / (2 * STEP))
          .as("%s", parameter)
          .isCloseTo(expected, within(1e-2 * Math.max(1, expected)));
    }
  }

  /** Embeddings of 0.02 would bend the norm behind them within a step of {@link #STEP}. */
  private void widen() {
    for (Parameter parameter : model.parameters().all()) {
      if (parameter.kind() == Parameter.Kind.EMBEDDING) {
        move(parameter, floats(parameter.master()), 20);
      }
    }
  }

  private double lossAt(Parameter parameter, float[] direction, float step) {
    float[] before = floats(parameter.master());
    move(parameter, direction, step);
    begin(1, 1);
    try (Tape tape = Tape.forwardOnly(device)) {
      objective.loss(tape, slot, stepValues);
    }
    device.upload(parameter.master(), MemorySegment.ofArray(before));
    return term(0) + term(1);
  }

  private static float[] direction(float[] gradient, SplittableRandom random) {
    float[] drawn = new float[gradient.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) random.nextGaussian();
    }
    float[] along = unit(gradient);
    float[] anywhere = unit(drawn);
    for (int i = 0; i < along.length; i++) {
      along[i] += anywhere[i];
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
    MemorySegment master = parameter.master().memory();
    for (int i = 0; i < direction.length; i++) {
      float moved = master.getAtIndex(ValueLayout.JAVA_FLOAT, i) + step * direction[i];
      master.setAtIndex(ValueLayout.JAVA_FLOAT, i, moved);
    }
  }

  private float[] floats(Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.length())];
    device.download(MemorySegment.ofArray(values), buffer);
    return values;
  }

  /**
   * A generator without opinion draws the same tokens in every step, whatever becomes of the
   * embeddings that it shares; so the discriminator has one batch to learn by heart.
   */
  @Test
  void theDiscriminatorLearnsOneBatchByHeart() {
    silenceTheGenerator();
    long labels = objective.labels(batch, 1);
    double first = 0;
    double last = 0;
    try (AdamWOptimizer optimizer =
        new AdamWOptimizer(device, model.parameters(), new AdamW(0.9f, 0.95f, 1e-8f, 0))) {
      for (int step = 0; step < 200; step++) {
        gradients(0, 50f / labels);
        last = term(1) / 50;
        first = step == 0 ? last : first;
        float[] corrections = optimizer.biasCorrections(step + 1);
        set(StepValues.LEARNING_RATE, 0.002f);
        set(StepValues.BIAS_CORRECTION_1, corrections[0]);
        set(StepValues.BIAS_CORRECTION_2, corrections[1]);
        device.kernels().globalNorm(stepValues, model.parameters().gradients(), 1);
        optimizer.step(stepValues);
      }
    }
    assertThat(first).isCloseTo(Math.log(2), within(0.1));
    assertThat(last).isLessThan(0.01);
    ElectraObjective.Answers answers = answers();
    for (int row = 0; row < labels; row++) {
      assertThat(answers.logits()[row] > 0)
          .as("row %d", row)
          .isEqualTo(answers.replaced()[row] == 1);
    }
  }

  private void silenceTheGenerator() {
    String norm = "generator.generator_predictions.LayerNorm.";
    device.kernels().fill(parameter(norm + "weight").master(), 0);
    device.kernels().fill(parameter(norm + "bias").master(), 0);
  }
}
