package dev.culebra.train.recipe;

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

  /** How far a run has come, by its folder. */
  enum Stage {
    /** The folder is no run's. */
    NONE,
    /** Its data were being read when that was last heard of; it has trained nothing. */
    PREPARING,
    /** It has its data and trains, or has trained. */
    BEGUN
  }

  /** Culebra's version. */
  public static final String VERSION = "0.1.0";

  /** What a run says of itself that has not yet read its data. */
  public static RunInfo preparing(Recipe recipe, String device) {
    return new RunInfo(
        VERSION,
        Runtime.version().toString(),
        device,
        0,
        0,
        0,
        "",
        Json.MAPPER.valueToTree(recipe.toMap()));
  }

  /** Whether the run has its data, and so may have trained. */
  public boolean begun() {
    return !fingerprint.isEmpty();
  }

  /** How far the run in a folder has come; a file that Culebra did not write is no run. */
  static Stage stage(Path folder) {
    if (!Files.isRegularFile(folder.resolve(RunFolder.RUN))) {
      return Stage.NONE;
    }
    try {
      return read(folder).begun() ? Stage.BEGUN : Stage.PREPARING;
    } catch (BadInputException e) {
      return Stage.NONE;
    }
  }

  private boolean isOurs() {
    return version != null
        && fingerprint != null
        && configuration != null
        && configuration.has(Settings.OBJECTIVE.key());
  }

  /**
   * What a run says of itself.
   *
   * @throws BadInputException if the folder holds no run, or a {@code run.json} of another program
   */
  public static RunInfo read(Path run) {
    Path file = run.resolve(RunFolder.RUN);
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          run + " holds no run: it has no " + RunFolder.RUN + "; start one with --out " + run);
    }
    RunInfo info = Json.read(file, RunInfo.class);
    if (!info.isOurs()) {
      throw new BadInputException(
          file + " is not one that Culebra wrote: it names no version, data or configuration");
    }
    return info;
  }

  /** The same of a run that goes on by the schedule of a recipe. */
  public RunInfo scheduledAs(Recipe recipe) {
    Recipe changed = Recipe.of(configuration, RunFolder.RUN).scheduledAs(recipe);
    return new RunInfo(
        version,
        java,
        device,
        parameters,
        examples,
        tokens,
        fingerprint,
        Json.MAPPER.valueToTree(changed.toMap()));
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
