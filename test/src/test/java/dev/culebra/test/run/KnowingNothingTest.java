package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every objective knows what a model reaches that knows nothing: a run that was spoilt by its
 * learning rate, or compares too sharply, is said to be worse, at its end and by {@code evaluate}.
 */
final class KnowingNothingTest {

  @TempDir private Path folder;

  static Stream<String> recipes() {
    return Stream.concat(
        Recipe.OBJECTIVES.stream(),
        Stream.of(
            "mixture mixture.parts=mlm:0.5,nsp:0.5 mixture.by=batch",
            "multi multi.parts=mlm:1,nsp:0.5,contrastive:0.5",
            "multi multi.parts=clm:1,seq2seq/decoder:2 model.family=gpt2",
            "multi multi.parts=clip:1,caption:2"));
  }

  private Recipe recipe(String name) throws IOException {
    String[] words = name.split(" ", -1);
    Recipe recipe =
        switch (words[0]) {
          case "diffusion" -> SmallImages.recipe(SmallImages.write(folder.resolve("images"), 24));
          case "contrastive" -> SmallPairs.recipe(words[0], SmallPairs.texts(folder));
          case "clip" ->
              SmallPairs.recipe(words[0], SmallPairs.images(folder), "contrast.temperature=0.01");
          case "siglip", "caption", "coca" ->
              SmallPairs.recipe(words[0], SmallPairs.images(folder));
          case String _ when name.contains("clip") ->
              SmallPairs.recipe(words[0], SmallPairs.images(folder), words[1]);
          default -> {
            TextRecipes.write(folder);
            yield TextRecipes.recipe(name, folder);
          }
        };
    return SmallRun.with(
        recipe,
        "optimizer.name=adamw",
        "optimizer.learningRate=" + (name.equals("clip") ? 1e-6 : 3),
        "schedule.steps=12",
        "schedule.warmup=0",
        "run.evaluateEvery=100",
        "run.checkpointEvery=100");
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aSpoiltRunIsSaidToBeWorse(String name) throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path run = folder.resolve("run");
      Run.Summary summary = Run.train(recipe(name), run, false, device, new RunListener() {});
      EvaluationReport report = Evaluation.evaluate(run, null, device);
      List<Metric> losses = report.metrics().stream().filter(KnowingNothingTest::isLoss).toList();

      assertThat(summary.ignorance()).isFinite().isPositive();
      assertThat(losses).isNotEmpty().noneMatch(loss -> loss.baselines().isEmpty());
      if (name.equals("contrastive")) {
        return; // its two sides share words, so that weights of chance tell them apart
      }
      assertThat(summary.validationLoss()).isGreaterThan(summary.ignorance());
      assertThat(report.notes()).anyMatch(note -> note.contains("is worse than knowing nothing"));
    }
  }

  private static boolean isLoss(Metric metric) {
    return metric.name().matches("(.*_)?(loss|error)");
  }
}
