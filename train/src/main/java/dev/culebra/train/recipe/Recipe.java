package dev.culebra.train.recipe;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Precision;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.optim.Schedule;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The settings of a run: what was set, and the defaults for the rest. Immutable. */
public final class Recipe {

  /** The objectives that a recipe can be named after. */
  public static final List<String> OBJECTIVES =
      List.of(
          "clm",
          "mlm",
          "prefix-lm",
          "span-corruption",
          "denoising",
          "nsp",
          "sop",
          "ul2",
          "fim",
          "seq2seq",
          "electra",
          "mixture",
          "multi",
          "contrastive",
          "clip",
          "siglip",
          "caption",
          "coca",
          "diffusion");

  /** Names that mean a file, there or not. */
  private static final Pattern FILE = Pattern.compile("(?i)[/\\\\]|\\.(ya?ml|json)$");

  private final Map<Setting<?>, Object> values;

  private Recipe(Map<Setting<?>, Object> values) {
    this.values = values;
  }

  /**
   * The recipe of that name: an objective's, or a YAML file's.
   *
   * @throws BadInputException if there is none, with the nearest names
   */
  public static Recipe named(String name) {
    if (OBJECTIVES.contains(name)) {
      return builtIn(name);
    }
    Path file = path(name);
    if (file != null && (Files.exists(file) || FILE.matcher(name).find())) {
      return read(file);
    }
    throw new BadInputException(
        "there is no recipe '"
            + name
            + "'"
            + NearNames.of(name, OBJECTIVES).orElse("; 'culebra help objectives' lists them")
            + "; a YAML file of settings is a recipe too");
  }

  /** The file of that name; null if no file can have it. */
  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** A recipe that sets nothing: that of a run which is resumed. */
  public static Recipe empty() {
    return new Recipe(Map.of());
  }

  /** The recipe that ships for an objective. */
  private static Recipe builtIn(String objective) {
    return RecipeFile.parse(text(objective), "recipes/" + objective + ".yaml");
  }

  /**
   * What a model learns by a recipe that ships, in one line.
   *
   * @param objective one of {@link #OBJECTIVES}
   */
  public static String summary(String objective) {
    return text(objective).lines().findFirst().orElse("").replaceFirst("^# *", "");
  }

  /** The file of a recipe that ships. */
  public static String text(String objective) {
    String resource = "recipes/" + objective + ".yaml";
    try (InputStream in = Recipe.class.getResourceAsStream("/dev/culebra/train/" + resource)) {
      if (in == null) {
        throw new IllegalStateException("the program lacks " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a YAML file of nested or dotted keys.
   *
   * @throws BadInputException if it is missing or cannot be used; names the line
   */
  public static Recipe read(Path file) {
    return RecipeFile.read(file);
  }

  /** The recipe of a tree of keys, as {@link #toMap} writes them. */
  public static Recipe of(JsonNode tree, String where) {
    return new Recipe(Map.of()).with(tree, "", where);
  }

  /**
   * This recipe, of a run, continued with another one. What {@code other} sets of the run itself
   * holds from now on, and so does a schedule, where it can: a warm-up-stable-decay of other steps,
   * or any schedule of which more than the steps is set.
   *
   * @throws BadInputException if {@code other} sets anything else than this run had; names what
   *     differs
   */
  public Recipe resumedWith(Recipe other) {
    Recipe resumed = this;
    StringBuilder differences = new StringBuilder();
    boolean anew =
        get(Settings.SCHEDULE).equals("wsd")
            || other.values.keySet().stream()
                .anyMatch(set -> isSchedule(set) && !set.equals(Settings.STEPS));
    for (Map.Entry<Setting<?>, Object> entry : other.values.entrySet()) {
      Setting<?> setting = entry.getKey();
      Object mine = get(setting);
      if (mine.equals(entry.getValue())) {
        continue;
      }
      if (setting.equals(Settings.STEPS) && !anew) {
        throw new BadInputException(
            Format.text(
                "a cosine's learning rate hangs at every step on how many there are, and this run"
                    + " was to have %s, not %s: set its schedule anew beside the steps, as by --set"
                    + " schedule.kind=wsd, or start another run from its model (--set"
                    + " model.from=...)",
                mine, entry.getValue()));
      }
      boolean ofRun = setting.key().startsWith("run.") && !setting.equals(Settings.SEED);
      if (ofRun || isSchedule(setting)) {
        Map<Setting<?>, Object> changed = new LinkedHashMap<>(resumed.values);
        changed.put(setting, entry.getValue());
        resumed = new Recipe(changed);
      } else {
        differences.append(
            Format.text("%s is %s there, %s here; ", setting.key(), mine, entry.getValue()));
      }
    }
    if (!differences.isEmpty()) {
      throw new BadInputException(
          "the run cannot be resumed with another configuration: "
              + differences
              + "leave these out, or start another run");
    }
    return resumed;
  }

  private static boolean isSchedule(Setting<?> setting) {
    return setting.key().startsWith("schedule.");
  }

  /** This recipe with the schedule of another one. */
  Recipe scheduledAs(Recipe other) {
    Map<Setting<?>, Object> changed = new LinkedHashMap<>(values);
    Setting.all().stream()
        .filter(Recipe::isSchedule)
        .forEach(setting -> changed.put(setting, other.get(setting)));
    return new Recipe(changed);
  }

  /** Whether this recipe itself sets something, be it to the default. */
  public boolean sets(Setting<?> setting) {
    return values.containsKey(setting);
  }

  /** This recipe with the settings of a tree of keys, as {@link #toMap} writes them. */
  public Recipe with(JsonNode tree, String prefix, String where) {
    if (!tree.isObject()) {
      throw new BadInputException(where + ": a recipe is a list of keys and values");
    }
    Recipe recipe = this;
    for (Map.Entry<String, JsonNode> entry : tree.properties()) {
      String key = prefix + entry.getKey();
      JsonNode value = entry.getValue();
      if (value.isObject()) {
        recipe = recipe.with(value, key + ".", where);
      } else if (value.isArray()) {
        throw new BadInputException(where + ": " + key + " takes one value, not a list");
      } else {
        recipe = recipe.with(key, value.isNull() ? "" : value.asString(), where);
      }
    }
    return recipe;
  }

  /** This recipe with a setting given as text. */
  public Recipe with(String key, String value, String where) {
    return with(Setting.of(key, where), value, where);
  }

  private <T> Recipe with(Setting<T> setting, String value, String where) {
    return with(setting, setting.parse(value, where));
  }

  /** This recipe with a setting. */
  public <T> Recipe with(Setting<T> setting, T value) {
    Map<Setting<?>, Object> changed = new LinkedHashMap<>(values);
    changed.put(setting, value);
    return new Recipe(changed);
  }

  /** The value of a setting. */
  @SuppressWarnings("unchecked") // only with() writes, with the setting's own type
  public <T> T get(Setting<T> setting) {
    return (T) values.getOrDefault(setting, setting.fallback());
  }

  /** The settings that are not as they are without a recipe. */
  public List<Setting<?>> changed() {
    List<Setting<?>> changed = new ArrayList<>(values.keySet());
    changed.removeIf(setting -> get(setting).equals(setting.fallback()));
    return changed;
  }

  /** All settings by key, for {@code run.json}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Setting<?> setting : Setting.all()) {
      map.put(setting.key(), get(setting));
    }
    return map;
  }

  /** AdamW's constants. */
  public AdamW adamW() {
    return new AdamW(
        get(Settings.BETA1).floatValue(),
        get(Settings.BETA2).floatValue(),
        get(Settings.ADAM_EPSILON).floatValue(),
        get(Settings.WEIGHT_DECAY).floatValue());
  }

  /** How the device is to work. */
  public Devices.Options deviceOptions() {
    String precision = get(Settings.PRECISION);
    return new Devices.Options(
        get(Settings.THREADS),
        precision.equals("auto") ? null : Precision.valueOf(precision.toUpperCase(Locale.ROOT)),
        get(Settings.GRAPH));
  }

  /** The cross entropy's options. */
  public CrossEntropy crossEntropy() {
    return new CrossEntropy(
        get(Settings.LABEL_SMOOTHING).floatValue(), get(Settings.Z_LOSS).floatValue());
  }

  /** The learning rate's schedule. */
  public Schedule schedule() {
    int steps = get(Settings.STEPS);
    int warmup = get(Settings.WARMUP);
    double floor = get(Settings.FLOOR);
    if (warmup > steps) {
      throw new BadInputException(
          "schedule.warmup "
              + warmup
              + " is longer than schedule.steps "
              + steps
              + ": set a shorter warm-up or more steps");
    }
    if (get(Settings.SCHEDULE).equals("cosine")) {
      return new Schedule.WarmupCosine(warmup, steps, floor);
    }
    long decay = Math.min(steps - warmup, Math.round(steps * get(Settings.DECAY)));
    return new Schedule.WarmupStableDecay(warmup, steps, decay, floor);
  }

  /** The peak learning rate. */
  public double learningRate() {
    double given = get(Settings.LEARNING_RATE);
    return given > 0 ? given : get(Settings.OPTIMIZER).equals("muon") ? 0.01 : 0.003;
  }

  /** The largest global norm of a gradient. */
  public float maxNorm() {
    double clip = get(Settings.CLIP);
    return clip == 0 ? Float.POSITIVE_INFINITY : (float) clip;
  }
}
