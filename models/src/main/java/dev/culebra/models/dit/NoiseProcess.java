package dev.culebra.models.dit;

import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How images become noise, and what a model is asked of it: what a denoiser was trained with and
 * must be sampled with. Beside a model it stands as the {@code scheduler_config.json} of diffusers'
 * {@code DDIMScheduler} or {@code DDPMScheduler}.
 *
 * @param steps T, from data to noise
 * @param kind {@code "linear"} or {@code "cosine"}; else {@code "given"}
 * @param prediction what is asked
 * @param zeroTerminalSnr whether nothing of the data is left at the last step
 * @param betas those that are given, one for each step; empty for another kind
 * @param sampling how images are drawn
 */
public record NoiseProcess(
    int steps,
    String kind,
    Prediction prediction,
    boolean zeroTerminalSnr,
    List<Double> betas,
    SamplingRules sampling) {

  /** The file's name in a model folder. */
  public static final String FILE = "scheduler_config.json";

  /** The schedules by name. */
  public static final List<String> KINDS = List.of("linear", "cosine");

  /** What each key of the file means. */
  public static final KeyTable KEYS = SchedulerConfig.KEYS;

  /** The kind of betas that a file lists, or describes in a way that no recipe does. */
  static final String GIVEN = "given";

  /** The most steps, as of diffusion.steps. */
  static final int MOST_STEPS = 100_000;

  /**
   * Checks that they go together.
   *
   * @throws BadInputException if there are too few or too many steps, or the noise is asked where
   *     it says nothing of the data
   */
  public NoiseProcess {
    betas = List.copyOf(betas);
    if (betas.isEmpty() ? !KINDS.contains(kind) : !kind.equals(GIVEN) || betas.size() != steps) {
      throw new BadInputException(
          Format.text(
              "There is no noise schedule '%s': there are %s", kind, String.join(" and ", KINDS)));
    }
    if (steps < 2 || steps > MOST_STEPS) {
      throw new BadInputException(
          Format.text(
              "A diffusion has from 2 to %s, not %,d", Format.count(MOST_STEPS, "steps"), steps));
    }
    if (zeroTerminalSnr && prediction == Prediction.EPSILON) {
      throw new BadInputException(
          "With zero terminal SNR the last step is noise alone, and a predicted noise says nothing"
              + " of the image: predict v");
    }
  }

  /** That of a model which is trained here. */
  public NoiseProcess(int steps, String kind, Prediction prediction, boolean zeroTerminalSnr) {
    this(steps, kind, prediction, zeroTerminalSnr, List.of(), SamplingRules.OWN);
  }

  /** Whether another process is the same but for the sampling. */
  public boolean trainsAs(NoiseProcess other) {
    return steps == other.steps
        && kind.equals(other.kind)
        && prediction == other.prediction
        && zeroTerminalSnr == other.zeroTerminalSnr
        && betas.equals(other.betas);
  }

  /** What it is, for people. */
  public String described() {
    return Format.text(
        "%s noise of %s%s, predicting %s",
        kind,
        Format.count(steps, "steps"),
        zeroTerminalSnr ? " with zero terminal SNR" : "",
        prediction == Prediction.V ? "v" : "the noise");
  }

  /** The betas. */
  public NoiseSchedule schedule() {
    NoiseSchedule plain = plain();
    return zeroTerminalSnr ? plain.withZeroTerminalSnr() : plain;
  }

  /** The betas as they are before the last step loses its data. */
  NoiseSchedule plain() {
    if (!betas.isEmpty()) {
      return NoiseSchedule.given(betas);
    }
    return kind.equals("cosine") ? NoiseSchedule.cosine(steps) : NoiseSchedule.linear(steps);
  }

  /** Writes the file into a model's folder. */
  public void save(Path folder) throws IOException {
    DurableFiles.replace(folder.resolve(FILE), Json.content(SchedulerConfig.write(this)));
  }

  /**
   * How many steps the file in a model's folder speaks of; as many as diffusers has where there is
   * no such file.
   */
  public static int steps(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) ? SchedulerConfig.steps(file) : SchedulerConfig.STEPS;
  }

  /**
   * Reads the file in a model's folder.
   *
   * @throws BadInputException if it is missing or says something that is not supported
   */
  public static NoiseProcess load(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new BadInputException(
          folder
              + " has no "
              + FILE
              + ", which says what noise its model knows: copy it from where the model was"
              + " trained");
    }
    return SchedulerConfig.read(file);
  }
}
