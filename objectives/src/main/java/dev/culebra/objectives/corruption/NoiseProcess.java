package dev.culebra.objectives.corruption;

import dev.culebra.objectives.corruption.NoiseSchedule.Prediction;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How images become noise, and what a model is asked of it: what a denoiser was trained with and
 * must be sampled with. Beside a model it stands as the {@code scheduler_config.json} of diffusers'
 * {@code DDPMScheduler}.
 *
 * @param steps T, from data to noise
 * @param kind {@code "linear"} or {@code "cosine"}
 * @param prediction what is asked
 * @param zeroTerminalSnr whether nothing of the data is left at the last step
 */
public record NoiseProcess(int steps, String kind, Prediction prediction, boolean zeroTerminalSnr) {

  /** The file's name in a model folder. */
  public static final String FILE = "scheduler_config.json";

  /** The schedules by name. */
  public static final List<String> KINDS = List.of("linear", "cosine");

  private static final String COSINE = "squaredcos_cap_v2";

  /**
   * Checks that they go together.
   *
   * @throws BadInputException if the noise is asked where it says nothing of the data
   */
  public NoiseProcess {
    if (!KINDS.contains(kind)) {
      throw new BadInputException(
          Format.text(
              "There is no noise schedule '%s': there are %s", kind, String.join(" and ", KINDS)));
    }
    if (zeroTerminalSnr && prediction == Prediction.EPSILON) {
      throw new BadInputException(
          "With zero terminal SNR the last step is noise alone, and a predicted noise says nothing"
              + " of the image: predict v");
    }
  }

  /** The betas. */
  public NoiseSchedule schedule() {
    NoiseSchedule plain = plain();
    return zeroTerminalSnr ? plain.withZeroTerminalSnr() : plain;
  }

  private NoiseSchedule plain() {
    return kind.equals("cosine") ? NoiseSchedule.cosine(steps) : NoiseSchedule.linear(steps);
  }

  /** Writes the file into a model's folder. */
  public void save(Path folder) throws IOException {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("_class_name", "DDPMScheduler");
    config.put("num_train_timesteps", steps);
    config.put("beta_schedule", kind.equals("cosine") ? COSINE : "linear");
    NoiseSchedule plain = plain();
    config.put("beta_start", plain.beta(0));
    config.put("beta_end", plain.beta(steps - 1));
    config.put("prediction_type", prediction == Prediction.V ? "v_prediction" : "epsilon");
    config.put("rescale_betas_zero_snr", zeroTerminalSnr);
    config.put("variance_type", "fixed_small");
    config.put("clip_sample", true);
    config.put("clip_sample_range", 1.0);
    DurableFiles.replace(folder.resolve(FILE), Json.content(config));
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
    JsonNode config = Json.read(file);
    String beta = config.path("beta_schedule").asString("linear");
    String asked = config.path("prediction_type").asString("epsilon");
    if (!List.of("linear", COSINE).contains(beta)
        || !List.of("epsilon", "v_prediction").contains(asked)) {
      throw new BadInputException(
          Format.text(
              "%s: beta_schedule %s with prediction_type %s is not supported: linear and %s,"
                  + " epsilon and v_prediction are",
              file, beta, asked, COSINE));
    }
    NoiseProcess process =
        new NoiseProcess(
            config.path("num_train_timesteps").asInt(1000),
            beta.equals(COSINE) ? "cosine" : "linear",
            asked.equals("epsilon") ? Prediction.EPSILON : Prediction.V,
            config.path("rescale_betas_zero_snr").asBoolean(false));
    process.checkEnds(file, config);
    return process;
  }

  /** A linear schedule has the ends of Ho et al. 2020, stretched to its number of steps. */
  private void checkEnds(Path file, JsonNode config) {
    NoiseSchedule plain = plain();
    double first = config.path("beta_start").asDouble(plain.beta(0));
    double last = config.path("beta_end").asDouble(plain.beta(steps - 1));
    if (kind.equals("linear")
        && (Math.abs(first - plain.beta(0)) > 1e-9
            || Math.abs(last - plain.beta(steps - 1)) > 1e-9)) {
      throw new BadInputException(
          Format.text(
              "%s: betas from %s to %s are not supported: over %d steps they go from %s to %s",
              file, first, last, steps, plain.beta(0), plain.beta(steps - 1)));
    }
  }
}
