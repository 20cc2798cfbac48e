package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each recipe of text: a run that stops and is resumed ends as one that does not. */
final class TextRecipesTest {

  @TempDir static Path data;

  @TempDir Path runs;

  @BeforeAll
  static void write() throws IOException {
    TextRecipes.write(data);
  }

  static List<String> recipes() {
    return TextRecipes.ALL;
  }

  /** Dies in a step between two checkpoints, which loses the step before. */
  private static final class DieAt implements RunListener {

    /** What a kill would be. */
    private static final class Killed extends RuntimeException {
      private static final long serialVersionUID = 1;
    }

    @Override
    public void step(Step done) {
      if (done.step() == 5) {
        throw new Killed();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void resumesBitEqual(String name) throws IOException {
    Recipe recipe = TextRecipes.recipe(name, data);
    Path calm = runs.resolve("calm");
    Path stopped = runs.resolve("stopped");
    try (Device device = CpuDevice.open(2)) {
      Run.Summary whole = Run.train(recipe, calm, false, device, new RunListener() {});
      assertThat(whole.completed()).isTrue();
      assertThat(whole.validationLoss()).isFinite().isPositive();
      assertThatThrownBy(() -> Run.train(recipe, stopped, false, device, new DieAt()))
          .isInstanceOf(DieAt.Killed.class);
      Run.Summary rest = Run.train(Recipe.empty(), stopped, true, device, new RunListener() {});
      assertThat(rest.completed()).isTrue();
      for (String file :
          List.of("model/model.safetensors", "checkpoints/step-6/optimizer.safetensors")) {
        assertThat(Files.mismatch(calm.resolve(file), stopped.resolve(file)))
            .as("%s of %s", file, name)
            .isEqualTo(-1);
      }
      assertThat(Files.readAllLines(stopped.resolve("metrics.jsonl"))).hasSize(6);
      EvaluationReport report = Evaluation.evaluate(stopped, null, device);
      assertThat(report.metrics())
          .isNotEmpty()
          .allSatisfy(metric -> assertThat(metric.value()).isFinite());
      assertThat(report.metrics().getFirst().baselines()).isNotEmpty();
    }
  }
}
