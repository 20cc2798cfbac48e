package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every recipe that ships, as it ships: it must beat its baseline by the margin it states. */
@EnabledIfSystemProperty(
    named = "culebra.test.recipes",
    matches = "true",
    disabledReason = "the recipes train for half an hour: mvn verify -Pcampaign")
final class RecipeGoalsTest {

  @TempDir Path folder;

  static List<String> objectives() {
    return Recipe.OBJECTIVES.stream()
        .filter(objective -> !Recipe.named(objective).get(Settings.GOAL).isEmpty())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void beatsItsBaseline(String objective) throws Exception {
    Recipe recipe = Recipe.named(objective);
    long begun = System.nanoTime();
    try (Device device = CpuDevice.open(Runtime.getRuntime().availableProcessors())) {
      Run.train(recipe, folder, false, device, new RunListener() {});
      Duration time = Duration.ofNanos(System.nanoTime() - begun);
      EvaluationReport report = Evaluation.evaluate(folder, null, device);
      Metric metric = report.metric(recipe.get(Settings.GOAL));
      System.out.printf(
          Locale.ROOT,
          "recipe %s: %s %.4f, %s %.4f, %d s%n",
          objective,
          metric.name(),
          metric.value(),
          metric.baselines().getFirst().name(),
          metric.baselines().getFirst().value(),
          time.toSeconds());
      assertThat(metric.margin())
          .as("%s of %s ahead of %s", metric.name(), objective, metric.baselines().getFirst())
          .isGreaterThan(recipe.get(Settings.MARGIN));
    }
  }
}
