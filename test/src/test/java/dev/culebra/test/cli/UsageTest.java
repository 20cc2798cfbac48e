package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, and what happens to command lines that make no sense. */
final class UsageTest {

  @TempDir Path folder;

  @Test
  void helpNamesEveryCommand() {
    for (Outcome help : new Outcome[] {Outcome.of("--help"), Outcome.of("help")}) {
      assertThat(help.code()).isZero();
      assertThat(help.out())
          .contains(
              "train",
              "evaluate",
              "generate",
              "draw",
              "search",
              "embed",
              "fill",
              "inspect",
              "tokenizer",
              "bench",
              "doctor",
              "help",
              "Exit codes");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "evaluate",
        "generate",
        "draw",
        "search",
        "embed",
        "fill",
        "inspect",
        "tokenizer",
        "bench",
        "doctor",
        "help"
      })
  void everyCommandHasHelpWithAnExample(String command) {
    Outcome help = Outcome.of(command, "--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains("Usage: culebra " + command, "culebra " + command + " ", "Example");
    assertThat(Outcome.of("help", command).out()).isEqualTo(help.out());
    assertThat(help.err()).isEmpty();
  }

  @Test
  void helpOfTrainStatesTheDefaultsThatTheSettingsHave() {
    Recipe defaults = Recipe.named("clm");
    assertThat(Outcome.of("train", "--help").out())
        .contains("steps (default: " + defaults.get(Settings.STEPS) + ")")
        .contains("data (default: " + defaults.get(Settings.SEED) + ")")
        .contains("soft (default: " + defaults.get(Settings.DEVICE) + ")")
        .contains("core (default: " + defaults.get(Settings.THREADS) + ")")
        .contains("settings (default: " + defaults.get(Settings.OBJECTIVE) + ")");
  }

  @Test
  void everySettingIsListedWithItsDefault() {
    Outcome listed = Outcome.of("train", "--settings");
    assertThat(listed.code()).isZero();
    assertThat(Outcome.of("help", "settings").out()).isEqualTo(listed.out());
    for (Setting<?> setting : Setting.all()) {
      String fallback = setting.fallback().toString();
      assertThat(listed.out().lines())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .startsWith(setting.key() + " ")
                      .contains(" " + (fallback.isEmpty() ? "-" : fallback) + " ")
                      .endsWith(setting.description() + "."));
    }
  }

  @Test
  void versionIsThatOfTheBuild() {
    Outcome version = Outcome.of("--version");
    assertThat(version.code()).isZero();
    assertThat(version.out()).matches("culebra \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\\R");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trian                           | no command 'trian'; the nearest is train; see",
        "doctor --jsn                    | no option '--jsn'; the nearest is --json; see",
        "train --step 3                  | no option '--step'; the nearest is --steps",
        "train a b                       | the argument 'b' is one too many",
        "train --steps                   | missing required parameter for option '--steps'",
        "train cml                       | no recipe 'cml'",
        "train --set modl.width=3        | no setting 'modl.width'; the nearest is model.width",
        "train --set width               | --set takes KEY=VALUE, not 'width'",
        "train --steps none              | schedule.steps must be a whole number",
        "train --steps 0                 | schedule.steps must be a whole number of at least 1",
        "train --set model.family=gpt3   | model.family must be one of auto, llama, gpt2,",
        "train --device gpu              | no device 'gpu': name auto, cpu, cuda, cuda:N or soft",
        "train --threads -1              | run.threads must be a whole number",
        "generate                        | missing required parameter: 'DIR'",
        "generate nowhere                | no folder nowhere",
        "generate nowhere --tokens x     | invalid value for option '--tokens'",
        "generate nowhere --top-p 2      | top-p must be above 0 and at most 1, not 2.0",
        "draw nowhere                    | no folder nowhere",
        "draw nowhere --count 0          | --count takes from 1 to 10,000 images for one grid, not"
            + " 0",
        "draw nowhere --count 10001      | for one grid, not 10,001",
        "draw nowhere --class x          | --class takes a number from 0, or none, not 'x'",
        "draw nowhere --sampler euler    | invalid value for option '--sampler'",
        "evaluate nowhere                | no folder nowhere",
        "tokenizer                       | give --data to train, or --file and --encode",
        "tokenizer --data nowhere        | no file or folder nowhere",
        "help trian                      | no help on 'trian'; the nearest is train",
        "''                              | a command is missing"
      })
  void badUsageIsOneSentenceAndCodeTwo(String line, String sentence) {
    Outcome outcome = Outcome.of(line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.complaint()).contains(sentence);
    assertThat(outcome.err()).doesNotContain("\tat ");
    assertThat(outcome.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"trian --verbose", "train --set width=3 --verbose"})
  void verboseAddsTheTrace(String line) {
    Outcome outcome = Outcome.of(line.split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("\tat dev.culebra.").startsWith("culebra: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "cuda:1"})
  void anAbsentDeviceIsCodeThree(String device) {
    Outcome outcome =
        Outcome.of("train", "--device", device, "--out", folder.resolve("run").toString());
    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.complaint()).contains("no device '" + device + "'", "--device cpu");
    assertThat(outcome.err()).contains("libcuda.so.1");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void withoutACompilerThereIsNoSoftwareDevice() {
    System.setProperty("culebra.cxx", folder.resolve("no-compiler").toString());
    try {
      Outcome outcome =
          Outcome.of("train", "--device", "soft", "--out", folder.resolve("run").toString());
      assertThat(outcome.code()).isEqualTo(3);
      assertThat(outcome.complaint()).contains("no device 'soft'", "--device cpu");
      assertThat(outcome.err()).contains("no-compiler");
      assertThat(folder.resolve("run")).doesNotExist();
    } finally {
      System.clearProperty("culebra.cxx");
    }
  }

  @Test
  void theCpuRefusesOtherPrecisions() {
    String run = folder.resolve("run").toString();
    Outcome outcome = Outcome.of("train", "--device", "cpu", "--precision", "bf16", "--out", run);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.complaint()).contains("the CPU computes in fp32, not in bf16");
  }

  @Test
  void aSettingOfAFileIsNamedWithTheFile() throws IOException {
    Path recipe = folder.resolve("mine.yaml");
    Files.writeString(recipe, "model:\n  widht: 64\n");
    Outcome outcome = Outcome.of("train", recipe.toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.complaint())
        .contains(
            recipe
                + ", line 2, column 3: there is no setting 'model.widht'; the nearest is"
                + " model.width");
  }

  /** What is listed is whole sentences, none cut off by the layout of the list. */
  @ParameterizedTest
  @ValueSource(strings = {"help", "help objectives", "help settings"})
  void everyEntryOfAListEndsItsSentence(String line) {
    String listed = Outcome.of(line.split(" ")).out();
    List<String> entries = new ArrayList<>();
    for (String row : listed.lines().skip(line.endsWith("settings") ? 1 : 0).toList()) {
      if (row.isBlank() && !entries.isEmpty()) {
        break;
      }
      boolean goesOn = row.startsWith("               ") && !entries.isEmpty();
      if (goesOn) {
        entries.add(entries.removeLast() + " " + row.strip());
      } else if (!row.startsWith("Usage:") && !row.equals("Commands:")) {
        entries.add(row.strip());
      }
    }
    assertThat(entries).hasSizeGreaterThan(10).allSatisfy(e -> assertThat(e).endsWith("."));
  }

  /** A command that is refused says nothing of the device that it would have used. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --set model.heads=3 --out OUT",
        "train --data OUT/nothing --out OUT",
        "generate OUT",
        "evaluate OUT",
        "fill OUT text",
        "search OUT query",
        "draw OUT"
      })
  void theDeviceLineComesAfterRefusals(String line) {
    String out = folder.resolve("nothing").toString();
    Outcome outcome = Outcome.of(line.replace("OUT", out).split(" "));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("culebra: ").hasLineCount(1);
  }
}
