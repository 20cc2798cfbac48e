package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.EncoderShape.Heading;
import dev.culebra.objectives.architecture.TokenModel.Arrangement;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a recipe asks of a model of text: one objective, or several on one model.
 *
 * @param key the objective's name in recipes
 * @param kind how the parts go together
 * @param parts the objectives, of one arrangement and family
 * @param weights of the parts: probabilities in a mixture, factors of the loss in a sum
 */
record TextTask(String key, Kind kind, List<TextPlan> parts, List<Double> weights) {

  /** How objectives go together. */
  enum Kind {
    /** There is one. */
    SINGLE,
    /** One is drawn for each sample or micro-batch. */
    MIXTURE,
    /** Each has its own batches in every step. */
    SUM
  }

  /** The objectives whose samples are windows of running text. */
  private static final List<TextObjective> OF_WINDOWS =
      List.of(
          TextObjective.CLM,
          TextObjective.MLM,
          TextObjective.PREFIX_LM,
          TextObjective.SPAN_CORRUPTION,
          TextObjective.DENOISING,
          TextObjective.NSP,
          TextObjective.SOP,
          TextObjective.UL2,
          TextObjective.FIM);

  /**
   * The task of a recipe.
   *
   * @throws BadInputException if the model cannot learn it, or the parts do not go together
   */
  static TextTask of(Recipe recipe) {
    String key = recipe.get(Settings.OBJECTIVE);
    return switch (key) {
      case "mixture" -> several(recipe, key, Kind.MIXTURE, Settings.MIXTURE);
      case "multi" -> several(recipe, key, Kind.SUM, Settings.MULTI);
      default -> new TextTask(key, Kind.SINGLE, List.of(TextPlan.of(recipe)), List.of(1.0));
    };
  }

  private static TextTask several(Recipe recipe, String key, Kind kind, Setting<String> from) {
    String setting = from.key();
    List<Part> given = Part.of(recipe, from);
    if (!recipe.get(Settings.PROFILE).isEmpty()) {
      throw new BadInputException(
          "corruption.profile is for one objective: give each part of "
              + setting
              + " its own, as in mlm/hf:0.5");
    }
    List<TextObjective> objectives =
        given.stream().map(part -> objective(setting, part.name())).toList();
    checkHead(setting, objectives);
    String family = family(recipe, setting, objectives);
    Recipe designed = recipe.with(Settings.FAMILY, family);
    List<TextPlan> plans = given.stream().map(part -> plan(kind, setting, part, designed)).toList();
    return new TextTask(key, kind, plans, given.stream().map(Part::weight).toList());
  }

  /** In a sum, questions about pairs stand alone: masked tokens are a part of their own. */
  private static TextPlan plan(Kind kind, String setting, Part part, Recipe recipe) {
    TextObjective objective = objective(setting, part.name());
    if (!part.profile().isEmpty() && !objective.profiles().contains(part.profile())) {
      throw new BadInputException(
          "%s: %s has no profile '%s'; choose %s"
              .formatted(
                  setting, part.name(), part.profile(), String.join(" or ", objective.profiles())));
    }
    TextPlan plan = TextPlan.of(recipe.with(Settings.PROFILE, part.profile()), objective);
    if (kind != Kind.SUM || !plan.asksPairs()) {
      return plan;
    }
    if (!part.profile().isEmpty() && !part.profile().equals("plain")) {
      throw new BadInputException(
          "%s: %s hides nothing in a sum, where masked tokens are a part of their own; leave out its profile"
              .formatted(setting, part.name()));
    }
    return new TextPlan(objective, plan.family(), "plain");
  }

  private static TextObjective objective(String setting, String name) {
    return TextObjective.named(name)
        .filter(OF_WINDOWS::contains)
        .orElseThrow(
            () ->
                new BadInputException(
                    "%s: '%s' cannot be a part; %s can, and in multi.parts also clip or siglip, caption and mlm beside each other"
                        .formatted(
                            setting,
                            name,
                            OF_WINDOWS.stream()
                                .map(TextObjective::key)
                                .collect(Collectors.joining(", ")))));
  }

  private static void checkHead(String setting, List<TextObjective> objectives) {
    if (objectives.contains(TextObjective.NSP) && objectives.contains(TextObjective.SOP)) {
      throw new BadInputException(
          setting
              + ": nsp and sop put different questions to the same head for pairs of texts; choose"
              + " one of them");
    }
  }

  /** The family asked for, or that of the start, or the first one that fits all. */
  private static String family(Recipe recipe, String setting, List<TextObjective> objectives) {
    List<String> common = new ArrayList<>(TextPlan.families(objectives.getFirst()));
    objectives.forEach(objective -> common.retainAll(TextPlan.families(objective)));
    if (common.isEmpty() && recipe.get(Settings.FAMILY).equals("auto")) {
      throw new BadInputException(
          setting
              + ": no model can learn all parts, because they need different stacks of blocks: "
              + objectives.stream()
                  .map(o -> o.key() + " " + String.join(" or ", TextPlan.families(o)))
                  .collect(Collectors.joining(", "))
              + "; choose parts that share a family");
    }
    return Continued.design(recipe, common);
  }

  /** The first objective, which stands for all where they agree. */
  TextPlan first() {
    return parts.getFirst();
  }

  /** Whose design the model follows. */
  String family() {
    return first().family();
  }

  /** Which stacks the model has. */
  Arrangement arrangement() {
    return first().arrangement();
  }

  /** What an encoder is asked. */
  Heading heading() {
    return asksPairs() ? Heading.TOKENS_AND_PAIR : Heading.TOKENS;
  }

  /** Whether samples are asked which of two texts come first or follow. */
  boolean asksPairs() {
    return parts.stream().anyMatch(TextPlan::asksPairs);
  }

  /** What the vocabulary needs beside the token that ends documents. */
  RunData.Vocabulary vocabulary() {
    return new RunData.Vocabulary(parts.stream().anyMatch(TextPlan::needsSpecials), sentinels());
  }

  /** How many sentinels the vocabulary needs. */
  int sentinels() {
    return parts.stream().mapToInt(TextPlan::sentinels).max().orElse(0);
  }

  /** Whether it is causal language modelling alone, on windows as they are. */
  boolean isCausal() {
    return kind == Kind.SINGLE && first().objective() == TextObjective.CLM;
  }
}
