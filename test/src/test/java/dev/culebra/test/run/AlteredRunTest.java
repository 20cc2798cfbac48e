package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Checksum;
import dev.culebra.runtime.io.Json;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Small files of a run whose values somebody has altered, each still sound JSON. */
class AlteredRunTest {

  private static final String[] VALUES = {"null", "-1", "7", "1e300", "[]", "[null]", "\"x\""};

  @TempDir Path temporary;

  /** Trains two steps; the folder of the run. */
  private Path trained(Recipe recipe, Device device) throws IOException {
    Path folder = temporary.resolve("run");
    Run.train(recipe, folder, false, device, new RunListener() {});
    return folder;
  }

  /** Gives each value of a file all kinds of others, one at a time; each is to be refused. */
  private void alter(Path run, Path file, Device device) throws IOException {
    byte[] sound = Files.readAllBytes(file);
    for (String key : Json.read(file).propertyNames()) {
      for (String value : VALUES) {
        ObjectNode altered = (ObjectNode) Json.MAPPER.readTree(sound);
        JsonNode other = Json.parse("[" + value + "]", "value", JsonNode.class).get(0);
        if ((altered.get(key).isString() && (other.isString() || other.isNumber()))
            || (key.equals("seconds") && other.isNumber() && other.doubleValue() >= 0)) {
          continue; // a fingerprint, a device, a time like any other
        }
        altered.set(key, other);
        Files.write(file, Json.MAPPER.writeValueAsBytes(altered));
        list(file);
        assertThatThrownBy(() -> Run.train(Recipe.empty(), run, true, device, new RunListener() {}))
            .as("%s = %s", key, value)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining(file.getFileName().toString());
      }
    }
    Files.write(file, sound);
    list(file);
    assertThat(Run.train(Recipe.empty(), run, true, device, new RunListener() {}).completed())
        .isTrue();
  }

  /** Makes the checkpoint's list say what the file is now, if there is a list. */
  private static void list(Path file) throws IOException {
    Path list = file.resolveSibling("checkpoint.json");
    if (Files.exists(list)) {
      ObjectNode all = (ObjectNode) Json.read(list);
      ObjectNode files = (ObjectNode) all.get("files");
      files.set(file.getFileName().toString(), Json.MAPPER.valueToTree(Checksum.of(file)));
      Files.write(list, Json.MAPPER.writeValueAsBytes(all));
    }
  }

  @Test
  void countsOfPairsFitThePairs() throws IOException {
    Path data = SmallPairs.texts(temporary);
    String[] two = {"schedule.steps=2", "schedule.warmup=0"};
    try (Device device = CpuDevice.open(1)) {
      Path run = trained(SmallPairs.recipe("seq2seq", data, two), device);
      alter(run, run.resolve("tokens/pairs/pairs.json"), device);
    }
  }

  @Test
  void aCheckpointsStateIsThatOfItsStep() throws IOException {
    Path data = SmallRun.text(temporary);
    try (Device device = CpuDevice.open(1)) {
      Path run = trained(SmallRun.recipe(data, "schedule.steps=2", "schedule.warmup=0"), device);
      alter(run, run.resolve("checkpoints/step-2/state.json"), device);
    }
  }
}
