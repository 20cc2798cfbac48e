package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.cli.Main;
import dev.culebra.data.token.TokenFiles;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the user's stays as it was, and a command that is refused leaves nothing behind. */
class WhoseFolderTest {

  /** Everything that a run writes. */
  static final List<String> NAMES = RunFolder.NAMES;

  private static final RunListener QUIET = new RunListener() {};

  @TempDir Path temporary;
  private Path folder;
  private Path text;

  @BeforeEach
  void write() throws IOException {
    folder = Files.createDirectories(temporary.resolve("mine"));
    text = SmallRun.text(temporary);
  }

  /** What lies below the folder of all tests, with its bytes. */
  private Map<String, String> all() throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(temporary)) {
      for (Path path : paths.toList()) {
        String content = "folder";
        if (Files.isSymbolicLink(path)) {
          content = "link to " + Files.readSymbolicLink(path);
        } else if (Files.isRegularFile(path)) {
          content = Files.readString(path, StandardCharsets.ISO_8859_1);
        }
        found.put(temporary.relativize(path).toString(), content);
      }
    }
    return found;
  }

  private void refused(Recipe recipe, Path out, boolean resume, String... says) throws IOException {
    Map<String, String> before = all();
    assertThatThrownBy(() -> Run.check(recipe, out, resume))
        .isInstanceOf(BadInputException.class)
        .message()
        .contains(says);
    try (Device device = CpuDevice.open(1)) {
      assertThatThrownBy(() -> Run.train(recipe, out, resume, device, QUIET))
          .isInstanceOf(BadInputException.class)
          .message()
          .contains(says);
    }
    assertThat(all()).isEqualTo(before);
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void refusesWhatIsInTheWayAsAFolder(String name) throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve(name)).resolve("mine.txt"), "mine");
    refused(SmallRun.recipe(text), folder, false, folder + " holds " + name + ", and no run");
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void refusesWhatIsInTheWayAsAFileOrALink(String name) throws IOException {
    Files.writeString(folder.resolve(name), "{\"version\":\"3\",\"steps\":17}");
    refused(SmallRun.recipe(text), folder, false, folder + " holds " + name + ", and no run");
    Files.delete(folder.resolve(name));
    Files.createSymbolicLink(folder.resolve(name), temporary.resolve("nothing"));
    refused(SmallRun.recipe(text), folder, false, folder + " holds " + name + ", and no run");
  }

  @Test
  void namesAllThatIsInTheWay() throws IOException {
    Path mine = Files.createDirectories(folder.resolve("tokens")).resolve("mine.txt");
    Files.copy(text, mine);
    Files.createDirectories(folder.resolve("checkpoints/step-1"));
    Files.createDirectories(folder.resolve("model"));
    Recipe recipe = SmallRun.recipe(mine);
    refused(recipe, folder, false, "tokens, checkpoints, model, and no run", "move them away");
  }

  @Test
  void refusesPlacesThatAreNone() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "mine");
    Path link = Files.createSymbolicLink(temporary.resolve("link"), temporary.resolve("nothing"));
    refused(SmallRun.recipe(text), file, false, file + " is a file");
    refused(SmallRun.recipe(text), file.resolve("below"), false, file + " is a file");
    refused(SmallRun.recipe(text), link, false, link + " is a link to something that is not");
    refused(SmallRun.recipe(text), Path.of(""), false, "--out names no folder");
    refused(Recipe.empty(), Path.of(""), true, "--out names no folder");
    refused(Recipe.empty(), temporary.resolve("none"), true, "holds no run");
    refused(Recipe.empty(), file, true, "holds no run");
    Files.writeString(folder.resolve("run.json"), "{\"name\":\"a run on the beach\"}");
    refused(Recipe.empty(), folder, true, "run.json");
  }

  @Test
  void refusesDataWhereTheRunWouldWriteAndTheOtherWayRound() throws IOException {
    Path out = temporary.resolve("runs/new");
    refused(SmallRun.recipe(temporary), out, false, "lies in " + temporary, "read as data");
    refused(SmallRun.recipe(temporary.resolve("absent.txt")), out, false, "absent.txt");
    Recipe recipe = SmallRun.recipe(text);
    for (String key : new String[] {"tokenizer.file", "model.from", "data.replayPath"}) {
      Path absent = temporary.resolve("absent");
      refused(recipe.with(key, absent.toString(), "test"), out, false, "absent");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.heads=3",
        "tokenizer.vocabulary=200",
        "schedule.warmup=31",
        "model.family=bert",
        "data.weights=1,2",
        "corruption.rate=0.5"
      })
  void refusesSettingsBeforeAnythingIsMade(String setting) throws IOException {
    refused(SmallRun.recipe(text, setting), temporary.resolve("a/b"), false, "");
  }

  @Test
  void aRunThatFailsBeforeItsFirstStepLeavesNothing() throws IOException {
    Path bad = Files.write(temporary.resolve("bad.jsonl"), new byte[] {'{', '\n', '{', '\n'});
    Path empty = Files.createFile(temporary.resolve("empty.txt"));
    Path given = tokenizerWithAllFilesBeside();
    for (Recipe recipe :
        List.of(
            SmallRun.recipe(bad),
            SmallRun.recipe(empty),
            SmallRun.recipe(text, "model.context=20000"),
            SmallRun.recipe(text, "model.context=20000", "tokenizer.file=" + given))) {
      Map<String, String> before = all();
      for (Path out : List.of(temporary.resolve("a/b/c"), folder)) {
        try (Device device = CpuDevice.open(1)) {
          assertThatThrownBy(() -> Run.train(recipe, out, false, device, QUIET))
              .isInstanceOf(BadInputException.class);
        }
        assertThat(all()).isEqualTo(before);
      }
    }
  }

  /** A tokenizer with every file beside it of which a run keeps a copy. */
  private Path tokenizerWithAllFilesBeside() throws IOException {
    Path trained = temporary.resolve("trained");
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallRun.recipe(text, "schedule.steps=1", "schedule.warmup=0");
      Run.train(recipe, trained, false, device, QUIET);
    }
    Path model = trained.resolve("model");
    Files.writeString(model.resolve("chat_template.jinja"), "{{ messages }}");
    assertThat(TokenFiles.NAMES)
        .allSatisfy(name -> assertThat(model.resolve(name)).isRegularFile());
    return model.resolve("tokenizer.json");
  }

  @Test
  void aRunThatWasKilledBeforeItsFirstStepIsBegunAgain() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallRun.recipe(text, "schedule.steps=4", "schedule.warmup=1");
      for (boolean resume : new boolean[] {false, true}) {
        Path out = Files.createDirectories(temporary.resolve("killed-" + resume));
        RunInfo.preparing(recipe, "some device").write(out);
        Path tokens = Files.createDirectories(out.resolve("tokens"));
        Files.writeString(tokens.resolve("tokens-00000.bin.partial"), "half");
        Files.writeString(tokens.resolve(".tmp-tokenizer.json-1f"), "half");
        Files.writeString(out.resolve(".tmp-run.json-1f"), "half");
        Path mine = Files.writeString(tokens.resolve("mine.txt"), "mine");
        assertThatThrownBy(
                () -> Run.train(resume ? Recipe.empty() : recipe, out, resume, device, QUIET))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining(tokens + " is in the way")
            .hasMessageContaining("mine.txt");
        assertThat(mine).hasContent("mine");
        Files.delete(mine);
        if (!RunFolder.exists(out)) {
          RunInfo.preparing(recipe, "some device").write(out);
        }
        Run.train(resume ? Recipe.empty() : recipe, out, resume, device, QUIET);
        assertThat(out.resolve("model/model.safetensors")).isNotEmptyFile();
        assertThat(out.resolve(".tmp-run.json-1f")).doesNotExist();
      }
    }
  }

  @Test
  void keepsWhatTheUserPutsIntoARunsFolder() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = SmallRun.recipe(text, "schedule.steps=5", "schedule.warmup=1");
      Run.train(recipe, folder, false, device, QUIET);
      Path[] mine = {
        folder.resolve("notes.txt"),
        folder.resolve(".tmp-notes"),
        folder.resolve("model/README.md"),
        folder.resolve("model/.tmp-mine"),
        folder.resolve("checkpoints/step-1/thesis.tex"),
        folder.resolve("checkpoints/step-4/thesis.tex"),
        folder.resolve("tokens/mine.txt"),
      };
      for (Path path : mine) {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "mine");
      }
      Files.delete(folder.resolve("checkpoints/step-5/checkpoint.json"));
      Files.writeString(folder.resolve("checkpoints/step-5/thesis.tex"), "mine");
      Run.train(
          SmallRun.with(Recipe.empty(), "run.keepCheckpoints=1"), folder, true, device, QUIET);
      for (Path path : mine) {
        assertThat(path).hasContent("mine");
      }
      assertThat(folder.resolve("checkpoints/step-5/checkpoint.json")).isNotEmptyFile();
      assertThat(folder.resolve("checkpoints/step-5.other/thesis.tex")).hasContent("mine");
    }
  }

  @Test
  void theModelIsThatOfTheNewestCheckpointWheneverACommandSaysSo() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe =
          SmallRun.recipe(text, "schedule.steps=8", "schedule.warmup=1", "run.checkpointEvery=4");
      Run.train(recipe, folder, false, device, QUIET);
      Path step = folder.resolve("model/step.json");
      Path weights = folder.resolve("model/model.safetensors");
      byte[] right = Files.readAllBytes(weights);
      assertThat(step).content().contains("\"step\" : 8").contains("\"complete\" : true");

      String[] states = {
        "{\"step\":4,\"complete\":true}", // killed before the first file
        "{\"step\":8,\"complete\":false}", // killed between two
        "" // killed before the model was saved once
      };
      for (String state : states) {
        Files.copy(
            folder.resolve("checkpoints/step-4/model.safetensors"),
            weights,
            StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve("model/.tmp-model.safetensors-1f"), "half");
        Files.writeString(step, state);
        StringWriter said = new StringWriter();
        int code =
            Main.run(
                new PrintWriter(said),
                new PrintWriter(said),
                "generate",
                folder.toString(),
                "--prompt",
                "the",
                "--device",
                "cpu");
        assertThat(said.toString()).as(state).contains("culebra train --resume --out " + folder);
        assertThat(code).as(state).isEqualTo(state.contains("4") ? 0 : 2);
        Run.train(Recipe.empty(), folder, true, device, QUIET);
        assertThat(weights).hasBinaryContent(right);
        assertThat(step).content().contains("\"step\" : 8").contains("\"complete\" : true");
        assertThat(folder.resolve("model/.tmp-model.safetensors-1f")).doesNotExist();
      }

      try (Stream<Path> files = Files.list(folder.resolve("model"))) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder.resolve("model"));
      assertThatThrownBy(() -> Evaluation.evaluate(folder, null, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("has saved no model yet");
      Run.train(Recipe.empty(), folder, true, device, QUIET);
      assertThat(weights).hasBinaryContent(right);
    }
  }
}
