package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.models.dit.SamplingRules;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.test.run.SmallImages;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.inference.Captioner;
import dev.culebra.train.inference.Drawing;
import dev.culebra.train.inference.Embeddings;
import dev.culebra.train.inference.Filler;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.inference.Generator;
import dev.culebra.train.inference.Search;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every class that uses a trained model, used by eight threads at once: each gets what it would get
 * alone, whatever the others ask.
 */
final class SharedInferenceTest {

  private static final int THREADS = 8;
  private static final int CALLS = 3 * THREADS;

  @TempDir static Path folder;

  private static Path pairs;
  private static Path images;

  /** Something that answers questions by number. */
  private interface Tool extends AutoCloseable {
    Object answer(int question) throws Exception;

    @Override
    default void close() {}
  }

  @BeforeAll
  static void train() throws IOException {
    SoftwareLane.load();
    pairs = SmallPairs.texts(folder);
    images = SmallPairs.images(folder);
    Path book = SmallRun.text(folder);
    for (String objective : List.of("clm", "mlm", "denoising")) {
      train(objective, SmallRun.shallow(objective, book, "schedule.steps=4"));
    }
    train("contrastive", SmallPairs.recipe("contrastive", pairs, "schedule.steps=4"));
    train("clip", SmallPairs.recipe("clip", images, "schedule.steps=4"));
    train(
        "caption",
        SmallPairs.recipe("caption", images, "schedule.steps=4", "tokenizer.vocabulary=320"));
    train("diffusion", SmallImages.recipe(SmallImages.write(folder.resolve("images"), 24)));
  }

  private static void train(String name, Recipe recipe) throws IOException {
    try (Device device = CpuDevice.open(2)) {
      Run.train(recipe, folder.resolve(name), false, device, new RunListener() {});
    }
  }

  private static Device open(String name) {
    return name.equals("cpu")
        ? CpuDevice.open(2)
        : SoftwareLane.open(Seeds.all().getFirst(), Precision.FP32, true);
  }

  private static Tool tool(String name, Device device) throws IOException {
    return switch (name) {
      case "generate" -> {
        Generator generator = Generator.open(folder.resolve("clm"), device);
        yield tool(q -> generator.generate("the whale", options(q), _ -> {}), generator::close);
      }
      case "restore" -> {
        Generator generator = Generator.open(folder.resolve("denoising"), device);
        yield tool(
            q -> generator.generate("the [MASK] sea", options(q), _ -> {}), generator::close);
      }
      case "fill" -> {
        Filler filler = Filler.open(folder.resolve("mlm"), device);
        yield tool(q -> filler.fill("the [MASK] sea " + "a ".repeat(q), 3), filler::close);
      }
      case "search" -> {
        Search search = Search.open(folder.resolve("contrastive"), device);
        yield tool(q -> search.nearest("a red thing " + q, pairs, 3, _ -> {}), search::close);
      }
      case "images" -> {
        Search search = Search.open(folder.resolve("clip"), device);
        yield tool(q -> search.nearest("red " + q, images, 3, _ -> {}), search::close);
      }
      case "embed" -> {
        Embeddings.Options any = new Embeddings.Options(Embeddings.Role.ANY, null, true);
        Embeddings all = Embeddings.open(folder.resolve("contrastive"), device, any);
        yield tool(
            q -> {
              List<String> found = new ArrayList<>();
              List<String> texts = List.of("red " + q, "a blue thing");
              all.embed(all.read(texts, "test"), (_, values) -> found.add(Arrays.toString(values)));
              return found;
            },
            all::close);
      }
      case "caption" -> {
        Captioner captioner = Captioner.open(folder.resolve("caption"), device);
        Path image = images.resolve("red3.png");
        yield tool(
            q -> {
              List<String> found = new ArrayList<>();
              captioner.write(image, "", options(q), caption -> found.add(caption.text()));
              return found;
            },
            captioner::close);
      }
      case "draw" -> {
        Drawing drawing = Drawing.open(folder.resolve("diffusion"), device);
        yield tool(
            q ->
                pixels(
                    drawing.draw(
                        Drawing.order(2, drawing.classes(), q),
                        SamplingRules.Method.DDIM,
                        3,
                        (_, _) -> {})),
            drawing::close);
      }
      case "evaluate" ->
          tool(
              q ->
                  Evaluation.evaluate(
                          folder.resolve(q % 2 == 0 ? "mlm" : "contrastive"), null, device)
                      .toMap(),
              () -> {});
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** A question and its answer. */
  private interface Answer {
    Object to(int question) throws Exception;
  }

  private static Tool tool(Answer answer, Runnable close) {
    return new Tool() {
      @Override
      public Object answer(int question) throws Exception {
        return answer.to(question);
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }

  private static GenerationOptions options(int question) {
    return new GenerationOptions(6, 1, 0, 1, question);
  }

  private static String pixels(BufferedImage image) {
    int[] all = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return Arrays.toString(all);
  }

  @ParameterizedTest
  @CsvSource({
    "generate, cpu",
    "generate, soft",
    "restore, cpu",
    "restore, soft",
    "fill, cpu",
    "fill, soft",
    "search, cpu",
    "search, soft",
    "images, cpu",
    "images, soft",
    "embed, cpu",
    "embed, soft",
    "caption, cpu",
    "caption, soft",
    "draw, cpu",
    "draw, soft",
    "evaluate, cpu",
    "evaluate, soft"
  })
  void answersAreThoseOfOneThread(String name, String on) throws Exception {
    int questions = 4;
    try (Device device = open(on);
        Tool tool = tool(name, device)) {
      List<Object> alone = new ArrayList<>();
      for (int q = 0; q < questions; q++) {
        alone.add(tool.answer(q));
      }
      assertThat(alone.stream().distinct().count()).isGreaterThan(1);
      List<Object> together = together(CALLS, i -> tool.answer(i % questions));
      for (int i = 0; i < CALLS; i++) {
        assertThat(together.get(i)).isEqualTo(alone.get(i % questions));
      }
    }
  }

  /** Tools of all kinds on two devices, each opened and closed by any thread. */
  @Test
  void twoDevicesAndManyTools() throws Exception {
    List<String> names = List.of("generate", "fill", "search", "draw", "evaluate");
    ConcurrentHashMap<Integer, Object> alone = new ConcurrentHashMap<>();
    try (Device cpu = open("cpu");
        Device soft = open("soft")) {
      Answer use =
          i -> {
            String name = names.get(i % names.size());
            try (Tool tool = tool(name, i / names.size() % 2 == 0 ? cpu : soft)) {
              return tool.answer(1);
            }
          };
      for (int i = 0; i < 2 * names.size(); i++) {
        alone.put(i, use.to(i));
      }
      List<Object> together = together(4 * names.size(), use);
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i)).isEqualTo(alone.get(i % (2 * names.size())));
      }
    }
  }

  /** Answers to questions by number, on eight threads that begin at once. */
  private static List<Object> together(int calls, Answer answer) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<Object>> futures = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        int question = i;
        futures.add(threads.submit(() -> answer.to(question)));
      }
      List<Object> results = new ArrayList<>();
      for (Future<Object> future : futures) {
        results.add(future.get(180, TimeUnit.SECONDS));
      }
      return results;
    }
  }
}
