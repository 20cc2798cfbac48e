package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.image.Normalisation;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.Place;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.objectives.pairs.ContrastiveObjective;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderBatch;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.EncoderInputs;
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
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A ViT beside a BERT next to PyTorch's, from one weight file: embeddings, loss and all gradients.
 * The golden files are made by {@code test/golden/image_text.py}.
 */
final class ImageTextParityTest {

  private static final int PAIRS = 4;
  private static final int SIDE = 8;
  private static final int CHANNELS = 3;
  private static final int CONTEXT = 8;

  @Test
  void embedsAsPyTorch() throws Exception {
    Path folder = folder();
    try (Device device = CpuDevice.open(1);
        DualEncoder model = ModelFolder.load(folder, device, DualEncoder.class, "the test");
        Safetensors golden = Safetensors.open(folder.resolve("case.safetensors"))) {
      EncoderBatch images = images(PAIRS);
      EncoderBatch texts = texts(PAIRS);
      images.begin();
      texts.begin();
      for (EncodedPair pair : pairs(golden)) {
        images.add(pair.left());
        texts.add(pair.right());
      }
      images.finish();
      texts.finish();
      try (EncoderInputs left = EncoderInputs.of(device, "pictures", images, model);
          EncoderInputs right = EncoderInputs.of(device, "texts", texts, model);
          Tape tape = Tape.forwardOnly(device)) {
        left.load(images);
        right.load(texts);
        left.swap();
        right.swap();
        float[] seen = floats(device, model.left(tape, left.input()).data());
        float[] read = floats(device, model.right(tape, right.input()).data());
        assertClose("pictures", seen, read(golden, "pictures"), 1e-5f);
        assertClose("texts", read, read(golden, "texts"), 1e-5f);
      }
    }
  }

  @Test
  void learnsAsPyTorch() throws Exception {
    Path folder = folder();
    try (Device device = CpuDevice.open(1);
        DualEncoder model = ModelFolder.load(folder, device, DualEncoder.class, "the test");
        Safetensors golden = Safetensors.open(folder.resolve("case.safetensors"))) {
      var objective = new ContrastiveObjective("clip", model, PairLoss.of("clip"), null);
      int[][] known = IntStream.range(0, PAIRS).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
      PairBatch batch =
          new PairBatch(
              PAIRS, 0, 0, ImageTextParityTest::images, ImageTextParityTest::texts, known);
      batch.begin();
      pairs(golden).forEach(batch::add);
      batch.finish();
      Buffer stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
      float[] values = new float[StepValues.COUNT];
      values[StepValues.LOSS_SCALE] = 1f / PAIRS;
      device.upload(stepValues, MemorySegment.ofArray(values));
      try (PairInputs slot = objective.slot(device, batch);
          Tape tape = Tape.recording(device)) {
        slot.load(batch);
        slot.swap();
        objective.loss(tape, slot, stepValues);
        tape.backward();
      }
      float loss = floats(device, stepValues)[StepValues.LOSS];
      assertThat(loss).isCloseTo(read(golden, "loss")[0], within(1e-5f));
      for (Parameter parameter : model.parameters().all()) {
        float[] gradient = floats(device, parameter.gradient());
        assertClose(parameter.name(), gradient, gradients(golden, parameter), 1e-4f);
      }
      stepValues.release();
    }
  }

  /** What is loaded is saved again tensor by tensor: what transformers wrote, it can read. */
  @Test
  void savesWhatTransformersReads(@TempDir Path saved) throws Exception {
    Path folder = folder();
    try (Device device = CpuDevice.open(1);
        DualEncoder model = ModelFolder.load(folder, device, DualEncoder.class, "the test")) {
      ModelFolder.save(saved, device, model, TokenIds.NONE, null);
      ModelFolder.load(saved, device).close();
    }
    try (Safetensors before = Safetensors.open(folder.resolve(ModelFolder.WEIGHTS));
        Safetensors after = Safetensors.open(saved.resolve(ModelFolder.WEIGHTS))) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
      for (String name : before.names()) {
        assertThat(after.entry(name).spec().shape())
            .as(name)
            .isEqualTo(before.entry(name).spec().shape());
        assertThat(read(after, name)).as(name).isEqualTo(read(before, name));
      }
    }
  }

  private static EncoderBatch images(int count) {
    return new ImageBatch(count, SIDE, CHANNELS, 4, Normalisation.centred(CHANNELS));
  }

  private static EncoderBatch texts(int count) {
    return new TextBatch(count, CONTEXT, Attention.WHOLE);
  }

  private static List<EncodedPair> pairs(Safetensors golden) {
    float[] pixels = read(golden, "pixels");
    float[] ids = read(golden, "ids");
    return IntStream.range(0, PAIRS)
        .mapToObj(
            i -> {
              EncoderInput image = image(pixels, i);
              int[] text =
                  IntStream.range(i * CONTEXT, (i + 1) * CONTEXT)
                      .map(at -> (int) ids[at])
                      .takeWhile(id -> id >= 0)
                      .toArray();
              return new EncodedPair(image, new EncoderInput.Words(text), List.of(), i, i, i);
            })
        .toList();
  }

  private static EncoderInput image(float[] pixels, int number) {
    byte[] bytes = new byte[SIDE * SIDE * CHANNELS];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) pixels[number * bytes.length + i];
    }
    Place place = new Place(Path.of("drawn"), number + 1);
    return new EncoderInput.Image(
        new LabelledImage(
            SIDE, SIDE, CHANNELS, bytes, null, null, null, LabelledImage.NO_LABEL, place));
  }

  private static Path folder() throws URISyntaxException {
    URL config = ImageTextParityTest.class.getResource("/golden/vit-bert/config.json");
    return Path.of(Objects.requireNonNull(config, "golden/vit-bert").toURI()).getParent();
  }

  /** Those of all parts: the gradient of key biases alone, which is 0, would be rounding. */
  private static float[] gradients(Safetensors golden, Parameter parameter) {
    float[] all = new float[Math.toIntExact(parameter.length())];
    int at = 0;
    for (Parameter.Part part : parameter.parts()) {
      float[] values = read(golden, "gradient." + part.name());
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  private static float[] read(Safetensors file, String name) {
    long length = Arrays.stream(file.entry(name).spec().shape()).reduce(1, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(length)];
    file.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  private static float[] floats(Device device, Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.length())];
    device.download(MemorySegment.ofArray(values), buffer);
    return values;
  }

  /** Within {@code tolerance} of the largest value. */
  private static void assertClose(String what, float[] actual, float[] expected, float tolerance) {
    float largest = 1e-3f;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .as("%s[%d]", what, i)
          .isCloseTo(expected[i], within(tolerance * largest));
    }
  }
}
