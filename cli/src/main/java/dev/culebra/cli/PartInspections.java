package dev.culebra.cli;

import dev.culebra.runtime.text.Format;
import dev.culebra.train.setup.RecipeObjective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the objectives of a mixture or of a weighted sum do to one text.
 *
 * @param objective {@code mixture} or {@code multi}
 * @param parts the objectives
 * @param inspections what each one did
 * @param contrast the weight of {@code contrastive} beside them, which does nothing to one text
 */
record PartInspections(
    String objective,
    List<RecipeObjective> parts,
    List<Inspection> inspections,
    OptionalDouble contrast) {
  static final String MIXTURE = "mixture";

  /** The objectives of several objectives. */
  static final List<String> OBJECTIVES = List.of(MIXTURE, "multi");

  private boolean mixture() {
    return objective.equals(MIXTURE);
  }

  /**
   * For people.
   *
   * @param width how many columns a line of running text may have
   */
  List<String> lines(int width) {
    List<String> lines = new ArrayList<>();
    lines.add(
        mixture()
            ? Format.text("mixture: one of %d objectives is drawn for each sample", parts.size())
            : Format.text(
                "multi: the losses of %d objectives are added in each step",
                parts.size() + (contrast.isPresent() ? 1 : 0)));
    for (int i = 0; i < parts.size(); i++) {
      lines.add("");
      lines.add(
          Format.text(
              "%s %s",
              mixture() ? "probability" : "weight",
              ContrastInspection.number(parts.get(i).weight())));
      lines.addAll(new InspectionView(inspections.get(i), width).lines());
    }
    contrast.ifPresent(
        weight -> {
          lines.add("");
          lines.add("weight " + ContrastInspection.number(weight));
          lines.add(
              "contrastive: texts that belong together find each other in a batch of pairs;"
                  + " 'culebra inspect contrastive --data FILE' shows one");
        });
    return lines;
  }

  /** For programs. */
  Map<String, Object> toMap() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Map<String, Object> part = new LinkedHashMap<>();
      part.put(mixture() ? "probability" : "weight", parts.get(i).weight());
      part.putAll(inspections.get(i).toMap());
      list.add(part);
    }
    contrast.ifPresent(weight -> list.add(Map.of("weight", weight, "objective", "contrastive")));
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("objective", objective);
    map.put("parts", list);
    return map;
  }
}
