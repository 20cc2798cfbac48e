package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.runtime.device.Turns;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.inference.Generator;
import dev.culebra.train.inference.Search;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One device, eight threads: they take turns, and none is given another's answer. */
final class SharedDeviceTest {

  private static final int THREADS = 8;
  private static final List<String> QUERIES = List.of("red", "a blue one", "green thing", "two");

  @TempDir static Path folder;

  private static Path data;
  private static Path pairs;
  private static Path text;
  private static Recipe words;

  @BeforeAll
  static void train() throws IOException {
    SoftwareLane.load();
    data = SmallPairs.texts(folder);
    pairs = folder.resolve("pairs");
    text = folder.resolve("text");
    Path book = folder.resolve("book.txt");
    Files.writeString(book, "the cat sat on the mat and the dog sat on the log. ".repeat(400));
    words = SmallRun.shallow("clm", book, "schedule.steps=4", "run.evaluateTokens=64");
    try (Device device = CpuDevice.open(2)) {
      Recipe few = SmallPairs.recipe("contrastive", data, "schedule.steps=4");
      Run.train(few, pairs, false, device, new RunListener() {});
      Run.train(words, text, false, device, new RunListener() {});
    }
  }

  private static Device open(String name) {
    return name.equals("cpu")
        ? CpuDevice.open(2)
        : SoftwareLane.open(Seeds.all().getFirst(), Precision.FP32, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "soft"})
  void searchesInTurns(String name) throws Exception {
    try (Device device = open(name);
        Search search = Search.open(pairs, device)) {
      List<List<Search.Found>> alone = new ArrayList<>();
      for (String query : QUERIES) {
        alone.add(search.nearest(query, data, 3, _ -> {}));
      }
      List<Callable<List<Search.Found>>> calls = new ArrayList<>();
      for (int i = 0; i < 3 * THREADS; i++) {
        String query = QUERIES.get(i % QUERIES.size());
        calls.add(() -> search.nearest(query, data, 3, _ -> {}));
      }
      List<List<Search.Found>> together = together(calls);
      for (int i = 0; i < together.size(); i++) {
        assertThat(together.get(i)).isEqualTo(alone.get(i % QUERIES.size()));
      }
    }
  }

  /** Texts, searches and a run on one device give what each gives alone. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "soft"})
  void trainsWhileOthersWrite(String name) throws Exception {
    try (Device device = open(name)) {
      String written = write(device);
      String trained = train(device);
      List<Callable<String>> calls = new ArrayList<>();
      calls.add(() -> train(device));
      for (int i = 1; i < THREADS; i++) {
        calls.add(() -> write(device));
      }
      List<String> together = together(calls);
      assertThat(together.getFirst()).isEqualTo(trained);
      assertThat(together.subList(1, THREADS)).containsOnly(written);
    }
  }

  /** Who has no turn gets a sentence at once, not a wrong number. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "soft"})
  void refusesWhoHasNoTurn(String name) throws Exception {
    try (Device device = open(name)) {
      Callable<Object> uses =
          () -> {
            device.kernels().fill(device.workspace().allocate("x", DType.F32, 8), 0);
            return null;
          };
      try (ExecutorService other = Executors.newSingleThreadExecutor()) {
        assertThatThrownBy(() -> other.submit(uses).get(60, TimeUnit.SECONDS))
            .hasMessageContaining("without a turn: take one by Device.turn()");
        Future<Turns.Turn> turn = other.submit(device::turn);
        turn.get(60, TimeUnit.SECONDS);
        assertThatThrownBy(uses::call)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("while another thread has its turn");
        Callable<Object> closes =
            () -> {
              turn.get().close();
              return null;
            };
        other.submit(closes).get(60, TimeUnit.SECONDS);
      }
      uses.call();
    }
  }

  private static String write(Device device) {
    try (Generator generator = Generator.open(text, device)) {
      return generator.generate("the cat", new GenerationOptions(12, 0, 0, 1, 1), _ -> {});
    }
  }

  private static String train(Device device) throws IOException {
    Path run = Files.createTempDirectory(folder, "run");
    return Double.toString(
        Run.train(words, run, false, device, new RunListener() {}).validationLoss());
  }

  /** The results of calls, each on one of eight threads that begin at once. */
  private static <T> List<T> together(List<Callable<T>> calls) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(calls, 120, TimeUnit.SECONDS)) {
        results.add(future.get());
      }
      return results;
    }
  }
}
