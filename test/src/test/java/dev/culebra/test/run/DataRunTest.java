package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.objectives.training.Evaluation;
import dev.culebra.objectives.training.Recipe;
import dev.culebra.objectives.training.Run;
import dev.culebra.objectives.training.RunListener;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where runs get their data, and what they say of it. */
final class DataRunTest {

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
}
