package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.train.run.TrainingStep;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Whole steps beside PyTorch: same weights, same batches, 20 steps of AdamW with clipping, packed
 * documents and two micro-batches of unequal label counts. The golden files are made by {@code
 * test/golden/whole_step.py}.
 */
class WholeStepTest {

  /** A chunk budget that cuts the 72 rows into three chunks. */
  private static final long BUDGET = 32 * 211 * Float.BYTES;

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void followsPyTorch(String family) throws Exception {
    Path folder = golden(family);
    JsonNode golden = Json.read(folder.resolve("steps.json"));
    try (Device device = CpuDevice.open(2);
        Decoder decoder = ModelFolder.load(folder, device, Decoder.class, "the test");
        AdamWOptimizer optimizer =
            new AdamWOptimizer(device, decoder.parameters(), adamW(golden.get("optimizer")));
        TrainingStep<PackedExamples, PackedInputs> step =
            new TrainingStep<>(
                device,
                new TokenObjective("clm", decoder, CrossEntropy.PLAIN, BUDGET),
                optimizer,
                golden.at("/optimizer/clip_norm").floatValue(),
                0,
                golden.at("/steps/0/micro_batches").size(),
                PackedExamples.of(batch(golden, golden.at("/steps/0/micro_batches/0"))),
                1)) {
      for (JsonNode expected : golden.get("steps")) {
        List<PackedExamples> micro = new ArrayList<>();
        for (JsonNode part : expected.get("micro_batches")) {
          micro.add(PackedExamples.of(batch(golden, part)));
        }
        long number = expected.get("step").longValue();
        TrainingStep.Result result =
            step.run(number - 1, expected.get("learning_rate").doubleValue(), micro);
        double loss = expected.get("loss").doubleValue();
        double norm = expected.get("gradient_norm").doubleValue();
        assertThat(result.labels()).isEqualTo(expected.get("labels").longValue());
        assertThat(result.loss())
            .as("loss of step %d", number)
            .isCloseTo(loss, within(1e-4 * loss));
        assertThat(result.gradientNorm())
            .as("gradient norm of step %d", number)
            .isCloseTo(norm, within(1e-3 * norm));
      }
      assertFinalWeights(device, decoder, folder.resolve("final.safetensors"), golden);
    }
  }

  /**
   * AdamW moves an element by about the learning rate whatever the size of its gradient, so where
   * the true gradient is zero (the bias of the keys) rounding decides the direction: those elements
   * are left out.
   */
  private static void assertFinalWeights(
      Device device, Decoder decoder, Path file, JsonNode golden) {
    try (Safetensors expected = Safetensors.open(file)) {
      decoder
          .parameters()
          .forEachPart(
              (part, weights) -> {
                float[] actual = new float[(int) part.length()];
                float[] wanted = new float[(int) part.length()];
                device.download(MemorySegment.ofArray(actual), weights);
                expected.readFloats(part.name(), MemorySegment.ofArray(wanted));
                boolean[] arbitrary = arbitrary(part.name(), actual.length, golden);
                for (int i = 0; i < actual.length; i++) {
                  if (!arbitrary[i]) {
                    assertThat(actual[i])
                        .as("%s[%d]", part.name(), i)
                        .isCloseTo(wanted[i], within(1e-3f * Math.max(1, Math.abs(wanted[i]))));
                  }
                }
              });
    }
  }

  private static boolean[] arbitrary(String name, int length, JsonNode golden) {
    boolean[] arbitrary = new boolean[length];
    for (JsonNode run : golden.get("no_true_gradient")) {
      if (run.get("name").stringValue().equals(name)) {
        for (int i = run.get("from").intValue(); i < run.get("to").intValue(); i++) {
          arbitrary[i] = true;
        }
      }
    }
    return arbitrary;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void givesTheLogitsOfTransformers(String family) throws Exception {
    Path folder = golden(family);
    JsonNode golden = Json.read(folder.resolve("steps.json"));
    JsonNode ids = golden.get("plain_ids");
    Batch plain = new Batch(1, ids.size());
    plain.begin();
    plain.beginSegment();
    for (int i = 0; i < ids.size(); i++) {
      plain.add(ids.get(i).intValue(), i, 0, i + 1, Batch.IGNORE);
    }
    plain.finish();
    try (Device device = CpuDevice.open(2);
        Decoder decoder = ModelFolder.load(folder, device, Decoder.class, "the test");
        Safetensors expected = Safetensors.open(folder.resolve("logits.safetensors"))) {
      assertLogits(device, decoder, plain, expected, "plain");
      assertLogits(
          device,
          decoder,
          batch(golden, golden.at("/steps/0/micro_batches/0")),
          expected,
          "packed");
    }
  }

  private static void assertLogits(
      Device device, Decoder decoder, Batch batch, Safetensors expected, String name) {
    PackedExamples rows = PackedExamples.of(batch);
    try (PackedInputs input = new PackedInputs(device, rows, decoder);
        Tape tape = Tape.forwardOnly(device);
        Arena arena = Arena.ofConfined()) {
      input.upload(rows);
      Tensor hidden = decoder.forward(tape, input.input());
      Buffer logits = decoder.head(CrossEntropy.PLAIN, BUDGET).logits(tape, hidden);
      MemorySegment actual = arena.allocate(logits.bytes(), 4);
      MemorySegment wanted = arena.allocate(logits.bytes(), 4);
      device.download(actual, logits);
      expected.readFloats(name, wanted);
      for (long i = 0; i < logits.length(); i++) {
        assertThat(actual.getAtIndex(ValueLayout.JAVA_FLOAT, i))
            .as("%s logit %d", name, i)
            .isCloseTo(wanted.getAtIndex(ValueLayout.JAVA_FLOAT, i), within(1e-4f));
      }
      logits.release();
    }
  }

  private static AdamW adamW(JsonNode options) {
    return new AdamW(
        options.get("beta1").floatValue(),
        options.get("beta2").floatValue(),
        options.get("epsilon").floatValue(),
        options.get("weight_decay").floatValue());
  }

  private static Batch batch(JsonNode golden, JsonNode part) {
    Batch batch = new Batch(golden.get("batch").intValue(), golden.get("context").intValue());
    batch.begin();
    int previous = -1;
    for (int i = 0; i < batch.capacity(); i++) {
      int start = part.get("starts").get(i).intValue();
      if (start != previous) {
        batch.beginSegment();
        previous = start;
      }
      batch.add(
          part.get("ids").get(i).intValue(),
          part.get("positions").get(i).intValue(),
          start,
          i + 1,
          part.get("labels").get(i).intValue());
    }
    batch.finish();
    return batch;
  }

  private static Path golden(String family) throws URISyntaxException {
    return Path.of(WholeStepTest.class.getResource("/golden/" + family).toURI());
  }
}
