package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.RunLock;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.inference.Generator;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.NonFiniteException;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a small model: what is repeatable, what survives, what is refused. */
class RunTest {

  private static final RunListener QUIET = new RunListener() {};

  @TempDir Path temporary;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = SmallRun.text(temporary);
  }

  @Test
  void numberOfThreadsDoesNotMatter() throws IOException {
    byte[] one = weightsOf("one", 1);
    byte[] two = weightsOf("two", 2);
    byte[] three = weightsOf("three", 3);
    assertThat(two).isEqualTo(one);
    assertThat(three).isEqualTo(one);
  }

  private byte[] weightsOf(String name, int threads) throws IOException {
    try (Device device = CpuDevice.open(threads)) {
      return Files.readAllBytes(weights(train(device, name, SmallRun.recipe(text))));
    }
  }

  @Test
  void interruptedRunEndsBitEqual() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path calm = train(device, "calm", SmallRun.recipe(text));
      Path folder = temporary.resolve("interrupted");
      RunListener stopAtEleven =
          new RunListener() {
            private long last;

            @Override
            public void step(Step step) {
              last = step.step();
            }

            @Override
            public boolean stop() {
              return last == 11;
            }
          };
      Run.Summary first = Run.train(SmallRun.recipe(text), folder, false, device, stopAtEleven);
      assertThat(first.completed()).isFalse();
      assertThat(first.steps()).isEqualTo(11);
      Run.Summary second = Run.train(Recipe.named("clm"), folder, true, device, QUIET);
      assertThat(second.completed()).isTrue();
      assertThat(Files.readAllBytes(weights(folder))).isEqualTo(Files.readAllBytes(weights(calm)));
      assertThat(Files.readAllLines(folder.resolve("metrics.jsonl"))).hasSize(30);
    }
  }

  @Test
  void damagedCheckpointIsPassedOver() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path folder = train(device, "damaged", SmallRun.recipe(text));
      byte[] expected = Files.readAllBytes(weights(folder));
      Path newest = folder.resolve("checkpoints/step-30/optimizer.safetensors");
      byte[] bytes = Files.readAllBytes(newest);
      bytes[bytes.length / 2] ^= 1;
      Files.write(newest, bytes);
      List<String> notes = new ArrayList<>();
      RunListener listener =
          new RunListener() {
            @Override
            public void note(String line) {
              notes.add(line);
            }
          };
      Run.train(Recipe.named("clm"), folder, true, device, listener);
      assertThat(notes).anyMatch(n -> n.contains("step-30") && n.contains("damaged"));
      assertThat(Files.readAllBytes(weights(folder))).isEqualTo(expected);
    }
  }

  @Test
  void divergenceStopsWithStepAndTensorAndKeepsTheCheckpoint() throws IOException {
    Recipe recipe =
        SmallRun.recipe(
            text, "optimizer.learningRate=10", "optimizer.weightDecay=10", "schedule.steps=100");
    Path folder = temporary.resolve("diverged");
    try (Device device = CpuDevice.open(2)) {
      assertThatThrownBy(() -> Run.train(recipe, folder, false, device, QUIET))
          .isInstanceOf(NonFiniteException.class)
          .hasMessageMatching(
              "step \\d+ is not finite .* first such tensor is .*layer.*step-\\d+ is kept.*");
      long steps = Files.readAllLines(folder.resolve("metrics.jsonl")).size();
      assertThat(folder.resolve("checkpoints/step-" + steps / 4 * 4)).isDirectory();
      assertThat(folder.resolve("checkpoints/step-" + (steps + 1))).doesNotExist();
    }
  }

  @Test
  void muonLearnsAndResumes() throws IOException {
    Recipe recipe = SmallRun.recipe(text, "optimizer.name=muon", "model.family=gpt2");
    try (Device device = CpuDevice.open(2)) {
      List<Double> losses = new ArrayList<>();
      RunListener listener =
          new RunListener() {
            @Override
            public void step(Step step) {
              losses.add(step.loss());
            }
          };
      Path folder = temporary.resolve("muon");
      Run.train(recipe, folder, false, device, listener);
      assertThat(losses.getLast()).isLessThan(losses.getFirst() - 0.5);
      assertThat(folder.resolve("checkpoints/step-30/optimizer.safetensors")).isNotEmptyFile();
    }
  }

  @Test
  void evaluatesBesideBaselinesAndGenerates() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path folder = train(device, "evaluated", SmallRun.recipe(text));
      EvaluationReport report = Evaluation.evaluate(folder, null, device);
      assertThat(report.labels()).isPositive();
      List<Metric.Baseline> trivial = report.metric("loss").baselines();
      assertThat(trivial).extracting(Metric.Baseline::name).containsExactly("bigram", "unigram");
      assertThat(trivial.get(0).value()).isLessThan(trivial.get(1).value());
      assertThat(report.metric("perplexity").value())
          .isEqualTo(Math.exp(report.metric("loss").value()));
      EvaluationReport all = Evaluation.evaluate(folder, text, device);
      assertThat(all.labels()).isGreaterThan(report.labels());
      assertThatThrownBy(() -> Evaluation.evaluate(folder.resolve("model"), null, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("--data");
      try (Generator generator = Generator.open(folder, device)) {
        GenerationOptions options = new GenerationOptions(60, 0.9, 0, 0.95, 3);
        StringBuilder streamed = new StringBuilder();
        String once = generator.generate("the whale", options, streamed::append);
        assertThat(streamed).hasToString(once);
        assertThat(generator.generate("the whale", options, t -> {})).isEqualTo(once);
      }
    }
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Path folder = train(device, "there", SmallRun.recipe(text));
      refused(device, SmallRun.recipe(text), folder, false, "holds a run already");
      refused(
          device,
          SmallRun.recipe(text, "model.width=32", "optimizer.learningRate=0.5"),
          folder,
          true,
          "model.width is 16 there, 32 here; ");
      refused(device, SmallRun.recipe(text), temporary.resolve("none"), true, "holds no run");
      Path other = temporary.resolve("other");
      refused(device, SmallRun.recipe(text, "model.heads=3"), other, false, "does not divide");
      refused(device, SmallRun.recipe(text, "tokenizer.vocabulary=200"), other, false, "need 257");
      refused(
          device, SmallRun.recipe(text, "model.context=20000"), other, false, "shorter context");
      refused(device, SmallRun.recipe(temporary.resolve("absent.txt")), other, false, "absent.txt");
      refused(
          device, SmallRun.recipe(text, "schedule.warmup=31"), other, false, "schedule.warmup 31");
      try (RunLock _ = RunLock.acquire(other)) {
        refused(device, SmallRun.recipe(text), other, false, "in use");
      }
    }
  }

  private static void refused(
      Device device, Recipe recipe, Path folder, boolean resume, String message) {
    assertThatThrownBy(() -> Run.train(recipe, folder, resume, device, QUIET))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }

  private Path train(Device device, String name, Recipe recipe) throws IOException {
    Path folder = temporary.resolve(name);
    Run.train(recipe, folder, false, device, QUIET);
    return folder;
  }

  private static Path weights(Path folder) {
    return folder.resolve("model/model.safetensors");
  }
}
