package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.random.GaussianRandom;
import dev.culebra.data.random.Mix64;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.objectives.diffusion.DiffusionChain;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Ways from noise to an image by a {@code scheduler_config.json}, step by step as {@code
 * golden/scheduler_steps.py} has them from the papers.
 */
final class SchedulerStepsTest {

  private static final long SEED = 9;

  @TempDir private Path folder;

  private static JsonNode golden() {
    return Json.read(Path.of("src/test/resources/golden/scheduler/steps.json"));
  }

  private NoiseProcess load(JsonNode config) throws IOException {
    Files.writeString(folder.resolve(NoiseProcess.FILE), config.toString());
    return NoiseProcess.load(folder);
  }

  static Stream<JsonNode> cases() {
    return golden().get("cases").valueStream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachStepIsTheirs(JsonNode wanted) throws IOException {
    NoiseProcess process = load(wanted.get("config"));
    int length = wanted.get("length").intValue();
    DiffusionChain chain = new DiffusionChain(process, process.sampling().method(), length);

    assertThat(IntStream.range(0, length).map(chain::timestep).boxed().toList())
        .isEqualTo(wanted.get("timesteps").valueStream().map(JsonNode::intValue).toList());
    for (int i = 0; i < length; i++) {
      JsonNode step = wanted.get("steps").get(i);
      float[] x = floats(step.get("x"));
      chain.step(i, x, floats(step.get("predicted")), SEED, 0);
      float[] drawn = new float[x.length];
      GaussianRandom.fill(Mix64.of(SEED, 0, i), drawn, 0, drawn.length);
      for (int j = 0; j < x.length; j++) {
        double expected =
            step.get("mean").get(j).doubleValue() + step.get("sigma").doubleValue() * drawn[j];
        assertThat((double) x[j])
            .as("step %d, value %d", i, j)
            .isCloseTo(expected, within(1e-5 + 1e-5 * Math.abs(expected)));
      }
    }
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).floatValue();
    }
    return values;
  }

  static Stream<String> spacings() {
    return golden().get("spaced").propertyNames().stream();
  }

  /** With numpy's roundings, also where a step lies between two whole numbers. */
  @ParameterizedTest
  @MethodSource("spacings")
  void stepsAreSpacedAsTheirs(String spacing) throws IOException {
    NoiseProcess process = load(Json.MAPPER.createObjectNode().put("timestep_spacing", spacing));
    for (JsonNode list : golden().get("spaced").get(spacing)) {
      List<Integer> wanted = list.valueStream().map(JsonNode::intValue).toList();
      DiffusionChain chain =
          new DiffusionChain(process, process.sampling().method(), wanted.size());
      assertThat(IntStream.range(0, wanted.size()).map(chain::timestep).boxed().toList())
          .isEqualTo(wanted);
    }
  }
}
