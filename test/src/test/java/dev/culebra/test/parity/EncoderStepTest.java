package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.train.run.TrainingStep;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Whole steps of encoders and encoder-decoders beside PyTorch's: the same weights, the same
 * samples, packed here and one by one there. {@code golden/encoder_step.py} made the files.
 */
final class EncoderStepTest {

  /** A chunk of logits holds 32 rows. */
  private static final long BUDGET = 32 * 173 * Float.BYTES;

  @ParameterizedTest
  @ValueSource(strings = {"bert", "t5", "t5-first", "bart", "bart-untied"})
  void followsPyTorch(String family) throws Exception {
    Path folder = folder(family);
    JsonNode golden = Json.read(folder.resolve("steps.json"));
    JsonNode options = golden.get("optimizer");
    try (Device device = CpuDevice.open(2);
        TokenModel model = ModelFolder.load(folder, device, TokenModel.class, "the test");
        AdamWOptimizer optimizer = new AdamWOptimizer(device, model.parameters(), adamW(options))) {
      PackedExamples batch = packed(golden.get("samples"), model.architecture());
      List<Term> terms =
          family.equals("bert")
              ? List.of(new Term("mlm", 1), new Term("nsp", 1))
              : List.of(new Term("tokens", 1));
      TokenObjective objective = new TokenObjective(model, terms, CrossEntropy.PLAIN, BUDGET);
      try (TrainingStep<PackedExamples, PackedInputs> step =
          new TrainingStep<>(
              device,
              objective,
              optimizer,
              options.get("clip_norm").floatValue(),
              0,
              1,
              batch,
              1)) {
        long number = 0;
        for (JsonNode expected : golden.get("steps")) {
          TrainingStep.Result result =
              step.run(number++, options.get("learning_rate").doubleValue(), List.of(batch));
          double loss = expected.get("loss").doubleValue();
          double norm = expected.get("gradient_norm").doubleValue();
          assertThat(result.loss())
              .as("loss of step %d", number)
              .isCloseTo(loss, within(1e-4 * loss));
          assertThat(result.gradientNorm())
              .as("gradient norm of step %d", number)
              .isCloseTo(norm, within(1e-3 * norm));
        }
      }
    }
  }

  private static AdamW adamW(JsonNode options) {
    return new AdamW(
        options.get("beta1").floatValue(),
        options.get("beta2").floatValue(),
        options.get("epsilon").floatValue(),
        options.get("weight_decay").floatValue());
  }

  /** All samples side by side in one batch, with some rows of padding behind. */
  static PackedExamples packed(JsonNode samples, Architecture architecture) {
    PackedExamples packed = new PackedExamples(samples.size() + 1, 128, 128);
    packed.begin();
    int number = 0;
    for (JsonNode sample : samples) {
      int source = packed.encoder().rows();
      boolean alone = architecture == Architecture.ENCODER;
      int length = sample.get("ids").size();
      packed.encoder().beginSegment();
      for (int i = 0; i < length; i++) {
        packed
            .encoder()
            .add(
                sample.get("ids").get(i).intValue(),
                alone ? sample.get("types").get(i).intValue() : 0,
                i,
                source,
                source + length,
                alone ? sample.get("labels").get(i).intValue() : Batch.IGNORE);
      }
      packed.firstRows()[number] = source;
      packed.labels()[number++] = alone ? sample.get("answer").intValue() : Batch.IGNORE;
      if (!alone) {
        decode(sample, source, length, packed);
      }
    }
    packed.firstRows()[number] = Batch.NO_POSITION;
    packed.labels()[number] = Batch.IGNORE;
    for (Batch side : List.of(packed.encoder(), packed.decoder())) {
      side.pad(0, side.capacity() - side.rows());
      side.finish();
    }
    while (packed.cross().rows() < packed.decoder().rows()) {
      packed.cross().addEmpty();
    }
    return packed;
  }

  private static void decode(JsonNode sample, int source, int length, PackedExamples packed) {
    Batch decoder = packed.decoder();
    int first = decoder.rows();
    decoder.beginSegment();
    for (int i = 0; i < sample.get("labels").size(); i++) {
      decoder.add(
          sample.get("decoder_ids").get(i).intValue(),
          i,
          first,
          first + i + 1,
          sample.get("labels").get(i).intValue());
      packed.cross().add(source, source + length);
    }
  }

  private static Path folder(String family) throws URISyntaxException {
    return Path.of(EncoderStepTest.class.getResource("/golden/" + family).toURI());
  }
}
