package dev.culebra.models.dit;

import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.models.dit.SamplingRules.Spacing;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link NoiseProcess} as the {@code scheduler_config.json} of diffusers' {@code DDPMScheduler}
 * and {@code DDIMScheduler}. A missing key has the default of these classes.
 */
final class SchedulerConfig {

  static final KeyTable KEYS =
      KeyTable.of("DDPMScheduler and DDIMScheduler")
          .only("_class_name", "DDPMScheduler", "DDPMScheduler", "DDIMScheduler")
          .honoured("num_train_timesteps", "beta_start", "beta_end", "trained_betas")
          .only(
              "beta_schedule", "linear", "linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid")
          .only("prediction_type", "epsilon", "epsilon", "v_prediction")
          .honoured("rescale_betas_zero_snr", "clip_sample", "clip_sample_range")
          .only("timestep_spacing", "leading", Spacing.names().toArray())
          .honoured("steps_offset", "set_alpha_to_one")
          .only("variance_type", "fixed_small", "fixed_small", "fixed_small_log", "fixed_large")
          .only("thresholding", false, false)
          .ignored("dynamic_thresholding_ratio", "sample_max_value") // of thresholding
          .ignored("_diffusers_version");

  private static final String COSINE = "squaredcos_cap_v2";

  /** How many there are where a file does not say. */
  static final int STEPS = 1000;

  private final Path file;
  private final JsonNode config;

  private SchedulerConfig(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  static NoiseProcess read(Path file) {
    JsonNode config = Json.read(file);
    KEYS.check(file, config);
    return new SchedulerConfig(file, config).process();
  }

  /** How many steps of noise a file speaks of. */
  static int steps(Path file) {
    return new SchedulerConfig(file, Json.read(file)).steps();
  }

  private int steps() {
    return whole("num_train_timesteps", STEPS, 2, NoiseProcess.MOST_STEPS);
  }

  private NoiseProcess process() {
    int steps = steps();
    String schedule = text("beta_schedule", "linear");
    double first = real("beta_start", 1e-4);
    double last = real("beta_end", 0.02);
    List<Double> betas = List.of();
    String kind = NoiseProcess.GIVEN;
    if (config.hasNonNull("trained_betas")) {
      betas = trained(steps);
    } else if (schedule.equals(COSINE)) {
      kind = "cosine";
    } else if (schedule.equals("linear") && isOwn(steps, first, last)) {
      kind = "linear";
    } else {
      betas = betas(schedule, steps, first, last);
    }
    Prediction prediction =
        text("prediction_type", "epsilon").equals("epsilon") ? Prediction.EPSILON : Prediction.V;
    try {
      return new NoiseProcess(
          steps, kind, prediction, flag("rescale_betas_zero_snr", false), betas, sampling(steps));
    } catch (BadInputException e) {
      String message = e.getMessage();
      throw message.startsWith(file.toString())
          ? e
          : new BadInputException(file + ": " + message, e);
    }
  }

  private SamplingRules sampling(int steps) {
    double range = real("clip_sample_range", 1);
    if (!(range > 0)) {
      throw wrong("clip_sample_range", "a positive number");
    }
    String name = text("_class_name", Method.DDPM.published());
    return new SamplingRules(
        name.equals(Method.DDPM.published()) ? Method.DDPM : Method.DDIM,
        flag("clip_sample", true) ? range : Double.POSITIVE_INFINITY,
        Spacing.of(text("timestep_spacing", "leading")),
        whole("steps_offset", 0, 0, steps - 1),
        flag("set_alpha_to_one", true),
        text("variance_type", "fixed_small").equals("fixed_large"));
  }

  /** A linear schedule of the ends of Ho et al. 2020, stretched to its number of steps. */
  private static boolean isOwn(int steps, double first, double last) {
    NoiseSchedule own = NoiseSchedule.linear(steps);
    return Math.abs(first - own.beta(0)) <= 1e-9 && Math.abs(last - own.beta(steps - 1)) <= 1e-9;
  }

  private List<Double> betas(String schedule, int steps, double first, double last) {
    List<Double> betas =
        IntStream.range(0, steps)
            .mapToDouble(t -> beta(schedule, (double) t / (steps - 1), first, last))
            .boxed()
            .toList();
    if (!betas.stream().allMatch(beta -> beta > 0 && beta < 1)) {
      throw new BadInputException(
          Format.text(
              "%s: betas from %s to %s are no shares of noise: they must lie between 0 and 1",
              file, first, last));
    }
    return betas;
  }

  private static double beta(String schedule, double share, double first, double last) {
    return switch (schedule) {
      case "linear" -> first + (last - first) * share;
      case "scaled_linear" -> {
        double root = Math.sqrt(first) + (Math.sqrt(last) - Math.sqrt(first)) * share;
        yield root * root;
      }
      case "sigmoid" -> first + (last - first) / (1 + Math.exp(6 - 12 * share));
      default -> throw new IllegalArgumentException(schedule);
    };
  }

  private List<Double> trained(int steps) {
    JsonNode list = config.get("trained_betas");
    if (!list.isArray()
        || list.size() != steps
        || !list.valueStream().allMatch(SchedulerConfig::isShare)) {
      throw wrong("trained_betas", "as many numbers between 0 and 1 as num_train_timesteps says");
    }
    return list.valueStream().map(JsonNode::doubleValue).toList();
  }

  private static boolean isShare(JsonNode beta) {
    return beta.isNumber() && beta.doubleValue() > 0 && beta.doubleValue() < 1;
  }

  private boolean has(String key) {
    return config.has(key);
  }

  private int whole(String key, int fallback, int least, int most) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode node = config.get(key);
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < least
        || node.intValue() > most) {
      throw wrong(key, Format.text("a whole number from %d to %d", least, most));
    }
    return node.intValue();
  }

  private double real(String key, double fallback) {
    if (!has(key)) {
      return fallback;
    }
    JsonNode node = config.get(key);
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(key, "a number");
    }
    return node.doubleValue();
  }

  private boolean flag(String key, boolean fallback) {
    if (!has(key)) {
      return fallback;
    }
    if (!config.get(key).isBoolean()) {
      throw wrong(key, "true or false");
    }
    return config.get(key).booleanValue();
  }

  /** The value of a key whose values {@link #KEYS} lists. */
  private String text(String key, String fallback) {
    return has(key) ? config.get(key).stringValue() : fallback;
  }

  private BadInputException wrong(String key, String wanted) {
    String shown = config.get(key).toString();
    return new BadInputException(
        Format.text(
            "%s: %s must be %s, not %s",
            file, key, wanted, shown.length() <= 60 ? shown : shown.substring(0, 57) + "..."));
  }

  static ObjectNode write(NoiseProcess process) {
    SamplingRules rules = process.sampling();
    NoiseSchedule plain = process.plain();
    boolean cosine = process.kind().equals("cosine");
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("_class_name", rules.method().published());
    config.put("num_train_timesteps", process.steps());
    config.put("beta_schedule", cosine ? COSINE : "linear");
    config.put("beta_start", plain.beta(0));
    config.put("beta_end", plain.beta(process.steps() - 1));
    if (!process.betas().isEmpty()) {
      ArrayNode betas = config.putArray("trained_betas");
      process.betas().forEach(betas::add);
    }
    config.put(
        "prediction_type", process.prediction() == Prediction.V ? "v_prediction" : "epsilon");
    config.put("rescale_betas_zero_snr", process.zeroTerminalSnr());
    if (rules.method() == Method.DDPM || rules.largeVariance()) {
      config.put("variance_type", rules.largeVariance() ? "fixed_large" : "fixed_small");
    }
    if (rules.method() == Method.DDIM || !rules.endsInData()) {
      config.put("set_alpha_to_one", rules.endsInData());
    }
    boolean clipped = Double.isFinite(rules.clip());
    config.put("clip_sample", clipped);
    config.put("clip_sample_range", clipped ? rules.clip() : 1);
    config.put("timestep_spacing", rules.spacing().published());
    config.put("steps_offset", rules.offset());
    return config;
  }
}
