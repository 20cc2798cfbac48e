package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.cli.Main;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs that go on: longer than they were to be, when they are finished, on data that is damaged.
 */
class ResumedRunTest {

  /** Stops a run after a step, and keeps its notes. */
  private static final class Watcher implements RunListener {
    private final long stopAfter;
    private final List<String> notes = new ArrayList<>();
    private long last;

    Watcher(long stopAfter) {
      this.stopAfter = stopAfter;
    }

    @Override
    public void note(String line) {
      notes.add(line);
    }

    @Override
    public void step(Step step) {
      last = step.step();
    }

    @Override
    public boolean stop() {
      return last == stopAfter;
    }
  }

  @TempDir Path temporary;
  private Path text;
  private Path folder;

  @BeforeEach
  void write() throws IOException {
    text = SmallRun.text(temporary);
    folder = temporary.resolve("run");
  }

  private static String command(int code, String... args) {
    StringWriter said = new StringWriter();
    PrintWriter all = new PrintWriter(said);
    assertThat(Main.run(all, all, args)).as(said::toString).isEqualTo(code);
    return said.toString();
  }

  @Test
  void aPlateauGoesOnAsIfItHadAlwaysBeenToBeLonger() throws IOException {
    String wsd = "schedule.kind=wsd";
    try (Device device = CpuDevice.open(1)) {
      Path longer = temporary.resolve("longer");
      Run.train(SmallRun.recipe(text, wsd, "schedule.steps=24"), longer, false, device, quiet());
      Run.train(
          SmallRun.recipe(text, wsd, "schedule.steps=16"), folder, false, device, new Watcher(9));
      Watcher watcher = new Watcher(11);
      Recipe extended = SmallRun.with(Recipe.empty(), "schedule.steps=24");
      Run.train(extended, folder, true, device, watcher);
      assertThat(watcher.notes).anyMatch(note -> note.contains("24 steps, not 16"));
      Run.train(Recipe.empty(), folder, true, device, quiet()); // it is the run's own now
      assertThat(folder.resolve("model/model.safetensors"))
          .hasSameBinaryContentAs(longer.resolve("model/model.safetensors"));
      assertThat(Files.readAllLines(folder.resolve("metrics.jsonl"))).hasSize(24);
    }
  }

  private static RunListener quiet() {
    return new RunListener() {};
  }

  @Test
  void aCosineSaysWhatToDoAndAFinishedRunThatItIs() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallRun.recipe(text, "schedule.steps=8", "schedule.warmup=2");
      Run.train(recipe, folder, false, device, quiet());
    }
    String out = folder.toString();
    String finished = command(0, "train", "--resume", "--out", out, "--device", "cpu");
    assertThat(finished)
        .contains("8: the run is finished", "validation loss")
        .doesNotContain("NaN", "training loss");
    assertThat(command(2, "train", "--resume", "--out", out, "--steps", "12"))
        .contains("8, not 12", "--set schedule.kind=wsd", "model.from");
    assertThat(command(2, "train", "--resume", "--out", out, "--steps", "4"))
        .contains("culebra: ")
        .doesNotContain("NaN");
    assertThat(command(2, "train", "--resume", "--out", out, "--steps", "4", "--set", WSD_SETTING))
        .contains("has done 8 steps already");
    String extended =
        command(
            0,
            "train",
            "clm",
            "--resume",
            "--out",
            out,
            "--steps",
            "12",
            "--set",
            WSD_SETTING,
            "--device",
            "cpu");
    assertThat(extended).contains("12 steps, not 8").doesNotContain("NaN");
    assertThat(Files.readAllLines(folder.resolve("metrics.jsonl"))).hasSize(12);
    assertThat(Files.readString(folder.resolve("run.json")))
        .contains("\"schedule.kind\" : \"wsd\"", "\"schedule.steps\" : 12");
  }

  private static final String WSD_SETTING = "schedule.kind=wsd";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void damagedTokensAreRefusedByName(boolean zeros) throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Run.train(SmallRun.recipe(text, "schedule.steps=8"), folder, false, device, new Watcher(4));
      Path shard = folder.resolve("tokens/tokens-00000.bin");
      Path tokenizer = folder.resolve("tokens/tokenizer.json");
      if (zeros) {
        try (FileChannel file = FileChannel.open(shard, StandardOpenOption.WRITE)) {
          assertThat(file.size()).isGreaterThan(6000);
          file.write(ByteBuffer.allocate(4096), 1024);
        }
      } else {
        Files.writeString(tokenizer, Files.readString(tokenizer) + "\n");
      }
      String named = zeros ? "tokens-00000.bin is not a sound token shard" : "other data";
      assertThatThrownBy(() -> Run.train(Recipe.empty(), folder, true, device, quiet()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(named);
      assertThatThrownBy(() -> Evaluation.evaluate(folder, null, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(zeros ? named : "have changed since it began");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--steps 4                                              | 0 | note",
        "--set schedule.steps=4                                 | 0 | note",
        "--steps 4 --set schedule.warmup=3                      | 3 |",
        "--set schedule.warmup=3 --set schedule.steps=4         | 3 |",
        "--set schedule.warmup=4 --steps 4                      | 4 |",
        "YAML                                                   | 3 |",
      })
  void aWarmupThatIsGivenStays(String options, int warmup, String note) throws IOException {
    Path yaml =
        Files.writeString(
            temporary.resolve("mine.yaml"), "objective: clm\nschedule: {steps: 4, warmup: 3}\n");
    List<String> args = new ArrayList<>(List.of("train"));
    args.addAll(options.equals("YAML") ? List.of(yaml.toString()) : List.of(options.split(" ")));
    args.addAll(List.of("--data", text.toString(), "--out", folder.toString(), "--device", "cpu"));
    for (String setting :
        List.of(
            "tokenizer.vocabulary=300",
            "model.width=16",
            "model.layers=1",
            "model.heads=2",
            "model.context=16",
            "batch.sequences=2",
            "run.threads=1")) {
      args.addAll(List.of("--set", setting));
    }
    String said = command(0, args.toArray(String[]::new));
    assertThat(said.contains("note: schedule.warmup is 0, not 50")).isEqualTo(note != null);
    assertThat(Files.readString(folder.resolve("run.json")))
        .contains("\"schedule.warmup\" : " + warmup + ",");
  }
}
