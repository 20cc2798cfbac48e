package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.cli.Main;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run writes the same files, and says the same, in every country. */
class LocaleTest {

  private final Locale usual = Locale.getDefault();

  @TempDir Path temporary;

  @AfterEach
  void restore() {
    Locale.setDefault(usual);
  }

  @Test
  void filesAndFiguresDoNotKnowTheLocale() throws IOException {
    Path text = SmallRun.text(temporary);
    Map<String, String> expected = run("und", text);
    assertThat(expected)
        .containsKeys(
            "tokens/tokens-00000.bin",
            "checkpoints/step-4/checkpoint.json",
            "model/config.json",
            "metrics.jsonl",
            "run.json");
    // The first has its own letters for I and i, the others digits of their own.
    for (String tag : new String[] {"tr-TR", "ar-EG", "fa-IR", "hi-IN-u-nu-deva"}) {
      Map<String, String> found = run(tag, text);
      assertThat(found.keySet()).as(tag).isEqualTo(expected.keySet());
      expected.forEach(
          (name, content) -> assertThat(found.get(name)).as(tag + name).isEqualTo(content));
    }
  }

  /** All files of a run by their names, without times, and what commands say of it. */
  private Map<String, String> run(String tag, Path text) throws IOException {
    Locale.setDefault(Locale.forLanguageTag(tag));
    Path folder = temporary.resolve(tag).resolve("run");
    try (Device device = CpuDevice.open(1)) {
      Run.train(
          SmallRun.recipe(
              text,
              "schedule.steps=4",
              "schedule.warmup=1",
              "model.layers=1",
              "run.evaluateEvery=2",
              "run.checkpointEvery=2"),
          folder,
          false,
          device,
          new RunListener() {});
    }
    Map<String, String> all = RunFiles.of(folder);
    for (String command : new String[] {"evaluate", "generate"}) {
      StringWriter said = new StringWriter();
      PrintWriter out = new PrintWriter(said);
      String prompt = command.equals("generate") ? "--prompt=the IiI whale" : "--json";
      Main.run(out, out, command, folder.toString(), prompt, "--device", "cpu");
      all.put(command, said.toString());
    }
    return all;
  }
}
