package dev.culebra.objectives.architecture;

import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.tensor.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Weights of a new model from the files of a trained one, and what of either finds no place. */
final class CarriedWeights {

  /** How names begin that a model may have in a file, and another one has no place for. */
  private static final List<String> OPTIONAL =
      List.of(
          "cls.",
          Electra.ASKED,
          DualEncoder.Logits.SCALE,
          DualEncoder.Logits.BIAS,
          "vision_model.",
          "visual_projection.",
          "text_projection.",
          ImageTextEncoder.CAPTIONS);

  /** Most names that are listed. */
  private static final int LISTED = 6;

  private final Device device;
  private final Model model;
  private final WeightFile.Rows rows;
  private final List<String> missing = new ArrayList<>();
  private final List<String> spare = new ArrayList<>();

  /**
   * A file of the trained model.
   *
   * @param prefix how names in it may begin, all or none of them
   * @param names a parameter's name in it with that prefix; null if it lies in another file
   * @param again what lies in it and in another file
   */
  record Source(Path folder, String prefix, UnaryOperator<String> names, Predicate<String> again) {}

  /**
   * Nothing yet.
   *
   * @param model whose weights are those of a new one
   * @param rows the old row of each token id
   */
  CarriedWeights(Device device, Model model, int[] rows) {
    this.device = device;
    this.model = model;
    this.rows = new WeightFile.Rows(model.vocabularyTensors(), rows);
  }

  /** Sets what lies in a file. */
  void load(Source source) {
    Path path = ModelFolder.existing(source.folder, model.weightFile());
    try (Safetensors file = Safetensors.open(path)) {
      UnaryOperator<String> bare = WeightFile.perhapsWithout(source.prefix, file);
      UnaryOperator<String> names =
          name -> {
            String stored = source.names.apply(name);
            return stored == null ? null : bare.apply(stored);
          };
      List<String> left = spare(file, names);
      spare.addAll(left);
      Predicate<String> ignored =
          name -> model.ignores(name) || source.again.test(name) || left.contains(name);
      WeightFile.load(
          device,
          model.parameters(),
          file,
          new WeightFile.Names(names, ignored, model::mayLack, missing::add, model::copies),
          rows);
    }
  }

  /** Heads and towers in a file that the model has no place for, but for copies. */
  private List<String> spare(Safetensors file, UnaryOperator<String> names) {
    Set<String> used = new HashSet<>();
    model.parameters().forEachPart((part, weights) -> used.add(names.apply(part.name())));
    return file.names().stream()
        .filter(name -> !used.contains(name))
        .filter(name -> OPTIONAL.stream().anyMatch(name::startsWith))
        .filter(name -> !name.contains("predictions.decoder."))
        .toList();
  }

  /** Says what began anew and what was left out. */
  void tell(Consumer<String> note) {
    if (!missing.isEmpty()) {
      note.accept("model.from has no " + listed(missing) + ": these begin anew");
    }
    if (!spare.isEmpty()) {
      note.accept("model.from has " + listed(spare) + " too: these are left out");
    }
  }

  private static String listed(List<String> names) {
    if (names.size() <= LISTED) {
      return String.join(", ", names);
    }
    int shown = LISTED / 2;
    return "%s and %,d more tensors"
        .formatted(String.join(", ", names.subList(0, shown)), names.size() - shown);
  }
}
