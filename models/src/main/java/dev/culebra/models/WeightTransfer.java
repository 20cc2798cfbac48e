package dev.culebra.models;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.tensor.WeightLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Weights of a new model from the files of a trained one, and what of either finds no place. */
final class WeightTransfer {

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
          "text_model.pooler.",
          ImageTextEncoder.CAPTIONS);

  private final Device device;
  private final Model model;
  private final WeightLoader.Rows rows;
  private final List<String> missing = new ArrayList<>();
  private final List<String> spare = new ArrayList<>();

  /**
   * Nothing yet.
   *
   * @param model whose weights are those of a new one
   * @param rows the old row of each token id
   */
  WeightTransfer(Device device, Model model, int[] rows) {
    this.device = device;
    this.model = model;
    this.rows = new WeightLoader.Rows(model.vocabularyTensors(), rows);
  }

  /**
   * Sets what lies in the trained model's folder.
   *
   * @param prefix how names in its files may begin
   * @param names what a parameter is called there
   */
  void load(Path folder, String prefix, UnaryOperator<String> names) {
    try (StoredTensors files = ModelFolder.weights(folder, model)) {
      WeightLoader.load(
          device,
          model.parameters(),
          files,
          new WeightLoader.Names(
              tensor -> FamilyNames.found(model, files, tensor, prefix, names),
              model::mayLack,
              missing::add,
              tensor -> FamilyNames.passes(model, files, tensor),
              name -> model.leavesOut(name) || OPTIONAL.stream().anyMatch(name::startsWith),
              spare::add),
          rows);
    }
    spare.removeIf(name -> name.contains("predictions.decoder.")); // the embedding once more
  }

  /** Says what began anew and what was left out. */
  void tell(Consumer<String> note) {
    if (!missing.isEmpty()) {
      note.accept("model.from has no " + FamilyNames.listed(missing) + ": these begin anew");
    }
    if (!spare.isEmpty()) {
      note.accept("model.from has " + FamilyNames.listed(spare) + " too: these are left out");
    }
  }
}
