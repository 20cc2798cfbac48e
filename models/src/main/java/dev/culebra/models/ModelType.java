package dev.culebra.models;

import dev.culebra.models.dit.DenoiserConfig;
import dev.culebra.models.dual.VitBertConfig;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The designs of models, by the names that recipes have for them. */
public final class ModelType {

  /** The design of denoisers, which recipes need not name. */
  public static final String DENOISER = "dit";

  /** What a trained model of each design can go on as, its own design first. */
  private static final Map<String, List<String>> SUCCESSORS =
      Map.of(
          "gpt2",
          List.of("gpt2"),
          "llama",
          List.of("llama"),
          "bert",
          List.of("bert", "electra"),
          "electra",
          List.of("electra", "bert"),
          "t5",
          List.of("t5"),
          "bart",
          List.of("bart"),
          "clip",
          List.of("clip"),
          "vit-bert",
          List.of("vit-bert", "bert", "electra"),
          DENOISER,
          List.of(DENOISER));

  private ModelType() {}

  /** The design of the model in a folder. */
  public static String of(Path folder) {
    String type = ModelFolder.config(folder).modelType();
    return switch (type) {
      case VitBertConfig.TYPE -> "vit-bert";
      case DenoiserConfig.TYPE -> DENOISER;
      case String known when SUCCESSORS.containsKey(known) -> known;
      default -> throw ModelFolder.unsupported(ModelFolder.config(folder));
    };
  }

  /** What a trained model of a design can go on as: its own design first, then those within it. */
  public static List<String> successors(String design) {
    return SUCCESSORS.get(design);
  }

  /** The designs whose trained models can go on as one of these. */
  public static List<String> startsOf(List<String> designs) {
    return SUCCESSORS.entrySet().stream()
        .filter(entry -> !Collections.disjoint(entry.getValue(), designs))
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }
}
