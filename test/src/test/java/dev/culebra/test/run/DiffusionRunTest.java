package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.objectives.diffusion.DiffusionSampler.Order;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.inference.Drawing;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a small denoiser: what is repeatable, what is drawn, what is refused. */
class DiffusionRunTest {

  private static final RunListener QUIET = new RunListener() {};

  @TempDir Path temporary;
  private Path images;

  @BeforeEach
  void writeImages() throws IOException {
    images = SmallImages.write(temporary.resolve("images"), 24);
  }

  private Path train(Device device, String name, Recipe recipe) throws IOException {
    Path folder = temporary.resolve(name);
    Run.train(recipe, folder, false, device, QUIET);
    return folder;
  }

  /** A run stopped after step 7 and continued leaves the same weights, moments and averages. */
  @Test
  void interruptedRunEndsBitEqual() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path calm = train(device, "calm", SmallImages.recipe(images));
      Path folder = temporary.resolve("interrupted");
      RunListener stopAtSeven =
          new RunListener() {
            private long last;

            @Override
            public void step(Step step) {
              last = step.step();
            }

            @Override
            public boolean stop() {
              return last == 7;
            }
          };
      Run.Summary first = Run.train(SmallImages.recipe(images), folder, false, device, stopAtSeven);
      assertThat(first.completed()).isFalse();
      Run.Summary second = Run.train(Recipe.empty(), folder, true, device, QUIET);
      assertThat(second.completed()).isTrue();
      String checkpoint = "checkpoints/step-12/";
      for (String file :
          List.of(
              "model/diffusion_pytorch_model.safetensors",
              checkpoint + "model.safetensors",
              checkpoint + "optimizer.safetensors")) {
        assertThat(Files.readAllBytes(folder.resolve(file)))
            .as(file)
            .isEqualTo(Files.readAllBytes(calm.resolve(file)));
      }
      assertThat(Files.readAllBytes(calm.resolve("model/diffusion_pytorch_model.safetensors")))
          .as("the average is not the weights")
          .isNotEqualTo(Files.readAllBytes(calm.resolve(checkpoint + "model.safetensors")));
      assertThat(
              Files.readString(
                  calm.resolve(checkpoint + "optimizer.safetensors"), StandardCharsets.ISO_8859_1))
          .contains("average of the weights");
    }
  }

  @Test
  void numberOfThreadsDoesNotMatter() throws IOException {
    List<byte[]> weights = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      try (Device device = CpuDevice.open(threads)) {
        Path run =
            train(device, "threads" + threads, SmallImages.recipe(images, "model.dropout=0.1"));
        weights.add(Files.readAllBytes(run.resolve("model/diffusion_pytorch_model.safetensors")));
      }
    }
    assertThat(weights).allSatisfy(one -> assertThat(one).isEqualTo(weights.getFirst()));
  }

  @Test
  void learnsAndIsEvaluatedWithBaselines() throws IOException {
    Recipe recipe =
        SmallImages.recipe(
            images,
            "schedule.steps=400",
            "optimizer.name=muon",
            "optimizer.learningRate=0.02",
            "optimizer.weightDecay=0",
            "model.width=32",
            "batch.sequences=16",
            "batch.accumulation=1",
            "run.checkpointEvery=1000",
            "diffusion.predict=v",
            "diffusion.draws=20");
    try (Device device = CpuDevice.open(2)) {
      Path run = train(device, "judged", recipe);
      EvaluationReport report = Evaluation.evaluate(run, null, device);
      assertThat(report.unit()).isEqualTo("noised images");
      Metric error = report.metric("noise_error");
      assertThat(error.baselines())
          .extracting(Metric.Baseline::name)
          .containsExactly("scaled input", "predicting zero");
      assertThat(error.baselines().get(1).value()).isBetween(0.9, 1.1);
      assertThat(error.margin()).isPositive();
      EvaluationReport all = Evaluation.evaluate(run, images, device);
      assertThat(all.labels()).isEqualTo(24 * 20);
      EvaluationReport alone = Evaluation.evaluate(run.resolve("model"), images, device);
      assertThat(alone.metric("noise_error").baselines()).hasSize(1);
    }
  }

  @Test
  void continuesFromAModelAndRefusesAnother() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path run = train(device, "first", SmallImages.recipe(images, "diffusion.predict=v"));
      assertThat(Json.read(run.resolve("model/config.json")).path("_class_name").asString())
          .isEqualTo("DiTTransformer2DModel");
      Recipe more =
          SmallImages.recipe(
              images, "diffusion.predict=v", "model.from=" + run, "schedule.steps=3");
      train(device, "second", more);
      refused(device, more.with("diffusion.predict", "epsilon", "test"), "set the same noise");
      refused(device, more.with("image.side", "16", "test"), "does not fit images of 16 x 16 x 3");
    }
  }

  @Test
  void drawsWhatTheSeedSays() throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Path run = train(device, "drawn", SmallImages.recipe(images));
      try (Drawing drawing = Drawing.open(run, device)) {
        List<Long> told = new ArrayList<>();
        Order order = Order.of(5, -1, 1, 4);
        BufferedImage once = drawing.draw(order, Method.DDIM, 6, (done, all) -> told.add(done));
        assertThat(told).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(once.getWidth()).isEqualTo(3 * 10 + 2);
        assertThat(once.getHeight()).isEqualTo(2 * 10 + 2);
        assertThat(rgb(drawing.draw(order, Method.DDIM, 6, (done, all) -> {})))
            .isEqualTo(rgb(once));
        Order other = Order.of(5, -1, 1, 5);
        assertThat(rgb(drawing.draw(other, Method.DDIM, 6, (done, all) -> {})))
            .isNotEqualTo(rgb(once));
        assertThat(rgb(drawing.draw(order, Method.DDPM, 20, (done, all) -> {})))
            .isNotEqualTo(rgb(once));
        assertThatThrownBy(() -> drawing.draw(Order.of(1, 0, 1, 1), Method.DDIM, 2, (d, a) -> {}))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("trained without classes");
        assertThatThrownBy(() -> drawing.draw(order, Method.DDIM, 21, (d, a) -> {}))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("from 1 to 20 can be taken, not 21");
      }
    }
  }

  private static int[] rgb(BufferedImage image) {
    return image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
  }

  /** IDX files have labels: classes are learned, told and asked for. */
  @Test
  void classesAreToldAndGuideTheDrawing() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("idx"));
    byte[] pixels = new byte[16 + 40 * 64];
    header(pixels, 3, 40, 8, 8);
    byte[] labels = new byte[8 + 40];
    header(labels, 1, 40);
    for (int i = 0; i < 40; i++) {
      labels[8 + i] = (byte) (i % 2);
      for (int j = 0; j < 64; j++) {
        pixels[16 + i * 64 + j] = (byte) (i % 2 == 0 ? 255 : 0);
      }
    }
    Files.write(folder.resolve("t-images-idx3-ubyte"), pixels);
    Files.write(folder.resolve("t-labels-idx1-ubyte"), labels);
    Recipe recipe =
        SmallImages.recipe(
            folder.resolve("t-images-idx3-ubyte"),
            "image.channels=1",
            "schedule.steps=300",
            "optimizer.name=adamw",
            "optimizer.learningRate=0.01",
            "model.width=32",
            "batch.sequences=16",
            "batch.accumulation=1",
            "run.checkpointEvery=1000");
    try (Device device = CpuDevice.open(2)) {
      Path run = train(device, "classes", recipe);
      try (Drawing drawing = Drawing.open(run, device)) {
        assertThat(drawing.classes()).isEqualTo(2);
        assertThat(brightness(drawing, 0)).isGreaterThan(brightness(drawing, 1) + 60);
        assertThatThrownBy(() -> brightness(drawing, 2))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("no class 2: the model knows 0 to 1");
      }
    }
  }

  /** The mean grey of four images of a class, drawn with guidance. */
  private static double brightness(Drawing drawing, int label) {
    BufferedImage grid =
        drawing.draw(Order.of(4, label, 1.5, 2), Method.DDIM, 10, (done, all) -> {});
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 64; j++) {
        int x = 2 + i % 2 * 10 + j % 8;
        int y = 2 + i / 2 * 10 + j / 8;
        sum += grid.getRGB(x, y) & 0xFF;
      }
    }
    return sum / 256;
  }

  private static void header(byte[] file, int sizes, int... values) {
    file[2] = 8;
    file[3] = (byte) sizes;
    for (int i = 0; i < values.length; i++) {
      file[7 + 4 * i] = (byte) values[i];
    }
  }

  @Test
  void imagesThatDoNotFitAreResizedOrNamed() throws IOException {
    SmallImages.image(images.resolve("large.png"), 16, 0x123456, 3);
    Files.writeString(images.resolve("broken.png"), "no image");
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallImages.recipe(images, "schedule.steps=2");
      Run.train(recipe, temporary.resolve("resized"), false, device, listener);
      assertThat(notes)
          .anyMatch(note -> note.contains("25 images"))
          .anyMatch(note -> note.contains("1 of 26 rows left out") && note.contains("broken.png"));
      refused(device, recipe.with("image.resize", "false", "test"), "large.png is 16 x 16 pixels");
    }
  }

  @Test
  void imagesWithoutACaptionBesideACaptionFileAreTold() throws IOException {
    StringBuilder captions = new StringBuilder();
    for (int i = 1; i < 24; i++) {
      captions.append(Format.text("%02d.png\tsquare %d\n", i, i));
    }
    Files.writeString(images.resolve("captions.tsv"), captions);
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallImages.recipe(images, "schedule.steps=2");
      Run.train(recipe, temporary.resolve("named"), false, device, listener);
    }
    assertThat(notes)
        .anyMatch(note -> note.contains("23 images"))
        .contains(
            "data        1 of 24 images left out for want of a caption: "
                + images.resolve("00.png"));
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path lone = SmallImages.write(temporary.resolve("lone"), 1);
    try (Device device = CpuDevice.open(1)) {
      refused(device, SmallImages.recipe(lone), "give more data or another share");
      refused(device, SmallImages.recipe(images, "image.patch=3"), "image.patch 3 does not cut");
      refused(device, SmallImages.recipe(images, "image.channels=2"), "must be 1 or 3, not 2");
      refused(device, SmallImages.recipe(images, "model.width=18"), "no multiple of 4");
      refused(device, SmallImages.recipe(images, "model.family=llama"), "leave model.family");
      refused(device, SmallImages.recipe(images, "diffusion.zeroTerminalSnr=true"), "predict v");
      refused(device, SmallImages.recipe(SmallRun.text(temporary)), "has no images");
      Path text = Files.createDirectories(temporary.resolve("words"));
      Path words = train(device, "text", SmallRun.recipe(SmallRun.text(text)));
      assertThatThrownBy(() -> Drawing.open(words, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("another kind of model than draw needs: llama");
    }
  }

  private void refused(Device device, Recipe recipe, String message) {
    assertThatThrownBy(() -> Run.train(recipe, temporary.resolve("refused"), false, device, QUIET))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }
}
