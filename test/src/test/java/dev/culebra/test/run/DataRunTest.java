package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.File;
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

/** Where runs get their data, and what they say of it. */
final class DataRunTest {

  private static final String OTHER =
      """
      {"text": "mail a", "group": "spam"}
      {"text": "mail b", "group": "ham"}
      """;

  @TempDir Path folder;

  /** Trains for a moment into {@code folder/run}; the notes. */
  private List<String> train(Recipe recipe, Device device) throws IOException {
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    Run.train(recipe, folder.resolve("run"), false, device, listener);
    return notes;
  }

  @Test
  void namesAndCountsBadDocuments() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String line : Files.readAllLines(SmallRun.text(folder))) {
      lines.append("{\"text\": \"").append(line).append("\"}\n");
    }
    Path data = Files.writeString(folder.resolve("a.jsonl"), lines + "{\"text\": 5}\n");
    try (Device device = CpuDevice.open(1)) {
      List<String> notes = train(SmallRun.recipe(data, "schedule.steps=5"), device);
      String left = "1 of 335 rows left out: " + data + ":335 has a field \"text\"";
      assertThat(notes).anyMatch(note -> note.contains(left));
      assertThat(Evaluation.evaluate(folder.resolve("run"), data, device).data()).contains(left);
    }
  }

  /** Samples may stand anywhere in a list, and beside old data. */
  @Test
  void findsSamplesAnywhereInAList() throws IOException {
    String own = SmallRun.text(folder).toString();
    String few = "sample:addresses/1934_franklin_d_roosevelt_d.txt";
    Recipe recipe =
        SmallRun.with(
            SmallRun.recipe(folder, "schedule.steps=5"),
            "data.path=" + own + ", " + few,
            "data.replayPath=" + few + File.pathSeparator + own);
    try (Device device = CpuDevice.open(1)) {
      assertThatThrownBy(() -> train(recipe.with("data.path", own + ",sample:x", "test"), device))
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith(
              "there is no sample \"x\": there are addresses, dialogues.jsonl, ");
      String one = "1934_franklin_d_roosevelt_d.txt";
      assertThat(train(recipe, device))
          .anyMatch(note -> note.contains(own + ", ") && note.contains(one + ": 2 documents"))
          .anyMatch(note -> note.contains(one + ", " + own + ": 2 documents"));
    }
  }

  private Path pairs(String objective) throws IOException {
    boolean texts = objective.equals("contrastive") || objective.equals("seq2seq");
    return texts ? SmallPairs.texts(folder) : SmallPairs.images(folder);
  }

  /**
   * Replayed pairs of held-out groups stay held out, and a stopped run draws what it would have.
   */
  @ParameterizedTest
  @ValueSource(strings = {"seq2seq", "contrastive", "clip", "caption"})
  void blendsAndReplaysPairs(String objective) throws IOException {
    Path data = pairs(objective);
    String both = "data.path=" + data + "," + data;
    String[] blend = {both, "data.weights=3,1", "data.replayPath=" + data, "data.replay=0.2"};
    Recipe recipe = SmallPairs.recipe(objective, data, blend).with("schedule.steps", "4", "test");
    try (Device device = CpuDevice.open(1)) {
      assertThat(train(recipe, device))
          .anyMatch(note -> note.contains(data + ": ") && note.endsWith("60.0 % of the samples"))
          .anyMatch(note -> note.endsWith("20.0 % of the samples"))
          .anyMatch(note -> note.endsWith("20.0 % of the samples, replayed"));
      Path stopped = folder.resolve("stopped");
      RunListener stop =
          new RunListener() {
            @Override
            public boolean stop() {
              return true;
            }
          };
      Run.train(recipe, stopped, false, device, stop);
      Run.train(Recipe.empty(), stopped, true, device, new RunListener() {});
      String weights = "model/model.safetensors";
      assertThat(Files.mismatch(folder.resolve("run").resolve(weights), stopped.resolve(weights)))
          .isEqualTo(-1);
      Recipe alone = SmallPairs.recipe(objective, data);
      long once = heldOut(alone, device);
      assertThat(heldOut(alone.with("data.replayPath", data.toString(), "test"), device))
          .isEqualTo(once);
    }
  }

  /** How many pairs or texts a run is judged by. */
  private long heldOut(Recipe recipe, Device device) throws IOException {
    Path run = folder.resolve("held-out-" + System.nanoTime());
    Recipe moment = SmallRun.with(recipe, "schedule.steps=1", "schedule.warmup=0");
    Run.train(moment, run, false, device, new RunListener() {});
    return Evaluation.evaluate(run, null, device).labels();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seq2seq     | data.weights=0.9,-3       | at least 0, finite and not all 0",
        "contrastive | data.weights=1            | 1 weights for the 2 paths",
        "clip        | data.weights=1,x          | 'x' is not a number",
        "seq2seq     | data.replayPath=/nowhere  | /nowhere",
        "contrastive | data.replayPath=/nowhere  | /nowhere",
        "caption     | data.replayPath=/nowhere  | There is no file or folder /nowhere",
        "diffusion   | data.weights=1,1          | name all images in data.path"
      })
  void refusesWhatCannotBeBlended(String objective, String setting, String complaint)
      throws IOException {
    Path data = pairs(objective);
    Recipe recipe = SmallPairs.recipe(objective, data, "data.path=" + data + "," + data, setting);
    try (Device device = CpuDevice.open(1)) {
      refused(recipe, complaint, device);
    }
  }

  /** Labelled text as corpora have it: an object per file, and fields of their own names. */
  @ParameterizedTest
  @ValueSource(strings = {"seq2seq", "contrastive"})
  void readsTheFieldsThatAreNamed(String objective) throws IOException {
    Path data = Files.createDirectories(folder.resolve("labelled"));
    for (int i = 0; i < 60; i++) {
      String object =
          "{\"id\": %d, \"group\": \"%s\", \"text\": \"mail %d\", \"wrong\": [\"no %d\"]}";
      String label = i % 2 == 0 ? "spam" : "ham";
      label = objective.equals("seq2seq") ? label : label + i;
      Files.writeString(data.resolve(i + ".json"), Format.text(object, i / 2, label, i, i));
    }
    Recipe recipe =
        SmallPairs.recipe(
            objective,
            data,
            "data.sourceField=text",
            "data.targetField=group",
            "data.negativesField=wrong",
            "schedule.steps=2");
    if (objective.equals("contrastive")) {
      recipe = SmallRun.with(recipe, "contrast.hardNegatives=1");
    }
    try (Device device = CpuDevice.open(1)) {
      refused(recipe, "data.targetField and data.groupField both name \"group\"", device);
      Recipe named = recipe.with("data.groupField", "id", "test");
      refused(named.with("data.sourceField", "", "test"), "A pair has two texts", device);
      assertThat(train(named, device)).anyMatch(note -> note.contains(data + ": 60 pairs, "));
      Path other = Files.writeString(folder.resolve("o.jsonl"), OTHER);
      assertThat(Evaluation.evaluate(folder.resolve("run"), other, device).metrics()).isNotEmpty();
    }
  }

  private void refused(Recipe recipe, String complaint, Device device) {
    assertThatThrownBy(() -> train(recipe, device))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(complaint);
  }
}
