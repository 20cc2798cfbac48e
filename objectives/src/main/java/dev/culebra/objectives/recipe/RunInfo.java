package dev.culebra.objectives.recipe;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * What {@code run.json} says of a run.
 *
 * @param version Culebra's
 * @param java the JVM's
 * @param device what the run began on
 * @param parameters number of weights
 * @param examples documents, pairs or images of the data
 * @param tokens of the data
 * @param fingerprint of the data
 * @param configuration every setting
 */
public record RunInfo(
    String version,
    String java,
    String device,
    long parameters,
    long examples,
    long tokens,
    String fingerprint,
    JsonNode configuration) {

  /** Culebra's version. */
  public static final String VERSION = "0.1.0";

  /**
   * What a run says of itself.
   *
   * @throws BadInputException if the folder holds no run
   */
  public static RunInfo read(Path run) {
    Path file = run.resolve(RunFolder.RUN);
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          run + " holds no run: it has no " + RunFolder.RUN + "; start one with --out " + run);
    }
    return Json.read(file, RunInfo.class);
  }

  /** Writes it into a run's folder, whole or not at all. */
  public void write(Path run) throws IOException {
    DurableFiles.replace(run.resolve(RunFolder.RUN), Json.content(this));
  }

  /**
   * The run's recipe.
   *
   * @param run its folder, for complaints
   */
  public Recipe recipe(Path run) {
    return Recipe.of(configuration, run.resolve(RunFolder.RUN).toString());
  }
}
