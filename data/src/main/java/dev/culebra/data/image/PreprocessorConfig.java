package dev.culebra.data.image;

import dev.culebra.data.image.Preprocessing.Kind;
import dev.culebra.data.image.Preprocessing.Resize;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * transformers' {@code preprocessor_config.json}, or the same within {@code processor_config.json}:
 * how a model's images become numbers. A missing or null key has the default of transformers'
 * class.
 */
public final class PreprocessorConfig {

  /** The file. */
  public static final String FILE = "preprocessor_config.json";

  private static final String PROCESSOR = "processor_config.json";
  private static final String PART = "image_processor";

  /** What each key means. */
  public static final KeyTable KEYS =
      KeyTable.of("images of CLIP and ViT")
          .honoured(
              "image_processor_type",
              "feature_extractor_type",
              "do_resize",
              "size",
              "default_to_square",
              "resample",
              "do_center_crop",
              "crop_size",
              "do_rescale",
              "rescale_factor",
              "do_normalize",
              "image_mean",
              "image_std")
          .only("do_pad", null, null, false)
          .only("use_square_size", null, null, false)
          .only("data_format", null, null, "channels_first")
          .only("input_data_format", null, null, "channels_first", "channels_last")
          .ignored(
              "do_convert_rgb", // files are always read as red, green and blue
              "pad_size",
              "processor_class",
              "image_seq_length",
              "device",
              "disable_grouping",
              "return_tensors",
              "_valid_processor_keys");

  /** What each key of the outer file means. */
  public static final KeyTable PROCESSOR_KEYS =
      KeyTable.of("processors of CLIP").honoured(PART).ignored("processor_class");

  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
  private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);
  private static final int USUAL_SIDE = 224;
  private static final int LARGEST_SIDE = 1 << 14;

  private final Path file;
  private final JsonNode config;
  private final Kind kind;

  private PreprocessorConfig(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
    this.kind = kind();
  }

  /**
   * How the images of the model in a folder become numbers.
   *
   * @throws BadInputException if the folder does not say, or in a way that is not supported
   */
  public static Preprocessing read(Path folder) {
    Path outer = folder.resolve(PROCESSOR);
    if (Files.exists(outer)) {
      JsonNode processor = Json.read(outer);
      if (processor.has(PART)) {
        PROCESSOR_KEYS.check(outer, processor);
        return read(outer, processor.get(PART));
      }
    }
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      throw new BadInputException(
          Format.text(
              "%s has no %s, which says how images become what its model reads: put the model's"
                  + " beside it",
              folder, FILE));
    }
    return read(file, Json.read(file));
  }

  private static Preprocessing read(Path file, JsonNode config) {
    KEYS.check(file, config);
    return new PreprocessorConfig(file, config).preprocessing();
  }

  private Preprocessing preprocessing() {
    boolean clip = kind == Kind.CLIP;
    int[] crop = flag("do_center_crop", clip) ? crop() : new int[2];
    return new Preprocessing(
        kind, flag("do_resize", true) ? resize() : null, crop[0], crop[1], normalisation());
  }

  private Kind kind() {
    JsonNode named = node("image_processor_type", node("feature_extractor_type", null));
    if (named != null && !named.isString()) {
      throw unsupported("image_processor_type", named, "the name of a class");
    }
    String given = named == null ? Kind.CLIP.type() : named.stringValue();
    String type =
        given.replaceFirst("(Fast|Pil)$", "").replace("FeatureExtractor", "ImageProcessor");
    return Arrays.stream(Kind.values())
        .filter(one -> one.type().equals(type))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    Format.text(
                        "%s: image_processor_type %s is not supported; only %s and %s are",
                        file, given, Kind.CLIP.type(), Kind.VIT.type())));
  }

  private Resize resize() {
    boolean square = flag("default_to_square", kind == Kind.VIT);
    JsonNode size = node("size", null);
    int number = integer("resample", kind == Kind.CLIP ? 3 : 2, 5);
    Resample filter =
        Arrays.stream(Resample.values())
            .filter(f -> f.number() == number)
            .findFirst()
            .orElseThrow();
    if (size == null) {
      return new Resize(USUAL_SIDE, kind == Kind.CLIP ? 0 : USUAL_SIDE, filter);
    }
    if (size.isObject() && has(size, "shortest_edge")) {
      if (size.size() > 1 && has(size, "longest_edge")) {
        throw unsupported("size", size, "{\"shortest_edge\": n} or {\"height\": n, \"width\": n}");
      }
      return new Resize(side("size", size.get("shortest_edge")), 0, filter);
    }
    if (size.isNumber()) {
      int side = side("size", size);
      return new Resize(side, square ? side : 0, filter);
    }
    int[] both = both("size", size);
    return new Resize(both[0], both[1], filter);
  }

  private static boolean has(JsonNode size, String key) {
    return size.hasNonNull(key);
  }

  private int[] crop() {
    JsonNode size = node("crop_size", null);
    if (size == null) {
      if (kind == Kind.CLIP) {
        return new int[] {USUAL_SIDE, USUAL_SIDE};
      }
      throw new BadInputException(file + ": do_center_crop needs a crop_size");
    }
    return both("crop_size", size);
  }

  /** Height and width: a number, two numbers or an object. */
  private int[] both(String key, JsonNode size) {
    if (size.isNumber()) {
      return new int[] {side(key, size), side(key, size)};
    }
    if (size.isArray() && size.size() == 2) {
      return new int[] {side(key, size.get(0)), side(key, size.get(1))};
    }
    if (size.isObject() && has(size, "height") && has(size, "width")) {
      return new int[] {side(key, size.get("height")), side(key, size.get("width"))};
    }
    throw unsupported(key, size, "{\"height\": n, \"width\": n}");
  }

  private int side(String key, JsonNode side) {
    if (!side.isIntegralNumber()
        || !side.canConvertToInt()
        || side.intValue() < 1
        || side.intValue() > LARGEST_SIDE) {
      throw unsupported(key, side, "a number of pixels from 1 to " + LARGEST_SIDE);
    }
    return side.intValue();
  }

  private Normalisation normalisation() {
    double factor =
        flag("do_rescale", true)
            ? real("rescale_factor", node("rescale_factor", null), 1 / 255.0)
            : 1;
    List<Double> mean = values("image_mean", kind == Kind.CLIP ? CLIP_MEAN : halves());
    List<Double> deviation = values("image_std", kind == Kind.CLIP ? CLIP_DEVIATION : halves());
    if (!flag("do_normalize", true)) {
      return new Normalisation(
          factor, Collections.nCopies(mean.size(), 0.0), Collections.nCopies(mean.size(), 1.0));
    }
    if (mean.size() != deviation.size()) {
      throw new BadInputException(file + ": image_mean and image_std are not of one length");
    }
    if (deviation.contains(0.0)) {
      throw unsupported("image_std", node("image_std", null), "what is not 0");
    }
    return new Normalisation(factor, mean, deviation);
  }

  private static List<Double> halves() {
    return List.of(0.5, 0.5, 0.5);
  }

  private List<Double> values(String key, List<Double> usual) {
    JsonNode node = node(key, null);
    if (node == null) {
      return usual;
    }
    if (node.isNumber()) {
      return Collections.nCopies(3, real(key, node, 0));
    }
    if (!node.isArray() || node.isEmpty() || node.size() > 3) {
      throw unsupported(key, node, "a list of a number per channel");
    }
    List<Double> values = new ArrayList<>();
    node.forEach(value -> values.add(real(key, value, 0)));
    return values;
  }

  private double real(String key, JsonNode node, double usual) {
    if (node == null) {
      return usual;
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw unsupported(key, node, "a number");
    }
    return node.doubleValue();
  }

  private int integer(String key, int usual, int most) {
    JsonNode node = node(key, null);
    if (node == null) {
      return usual;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 0
        || node.intValue() > most) {
      throw unsupported(key, node, "a number from 0 to " + most);
    }
    return node.intValue();
  }

  private boolean flag(String key, boolean usual) {
    JsonNode node = node(key, null);
    if (node == null) {
      return usual;
    }
    if (!node.isBoolean()) {
      throw unsupported(key, node, "true or false");
    }
    return node.booleanValue();
  }

  private JsonNode node(String key, JsonNode usual) {
    JsonNode node = config.get(key);
    return node == null || node.isNull() ? usual : node;
  }

  private BadInputException unsupported(String key, JsonNode value, String supported) {
    return new BadInputException(
        Format.text("%s: %s %s is not supported; only %s is", file, key, value, supported));
  }

  /** The file that says so. */
  public static ObjectNode write(Preprocessing how) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("image_processor_type", how.kind().type());
    config.put("do_resize", how.resize() != null);
    if (how.resize() != null) {
      ObjectNode size = config.putObject("size");
      if (how.resize().width() == 0) {
        size.put("shortest_edge", how.resize().height());
      } else {
        size.put("height", how.resize().height()).put("width", how.resize().width());
      }
      config.put("resample", how.resize().filter().number());
    }
    config.put("do_center_crop", how.cropHeight() != 0);
    if (how.cropHeight() != 0) {
      config.putObject("crop_size").put("height", how.cropHeight()).put("width", how.cropWidth());
    }
    Normalisation numbers = how.normalisation();
    config.put("do_rescale", true);
    config.put("rescale_factor", numbers.factor());
    config.put("do_normalize", true);
    add(config.putArray("image_mean"), numbers.mean());
    add(config.putArray("image_std"), numbers.deviation());
    config.put("do_convert_rgb", numbers.channels() == 3);
    return config;
  }

  private static void add(ArrayNode array, List<Double> values) {
    values.forEach(array::add);
  }
}
