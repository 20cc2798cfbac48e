package dev.culebra.train.setup;

import dev.culebra.data.token.Template;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What a recipe asks of a model of text: one objective, or several on one model.
 *
 * @param key the objective's name in recipes
 * @param kind how the parts go together
 * @param parts the objectives that ask tokens, of one arrangement and family
 * @param weights of the parts: probabilities in a mixture, factors of the loss in a sum
 * @param contrast embeddings of pairs that are compared beside in a sum; null for none
 */
public record ObjectiveMix(
    String key,
    Kind kind,
    List<TextObjectiveConfig> parts,
    List<Double> weights,
    Contrast contrast) {

  /**
   * Embeddings of pairs of texts that are compared, as a part of a sum.
   *
   * @param recipe of this part alone
   * @param weight its factor of the loss
   */
  public record Contrast(Recipe recipe, double weight) {

    /** How it is learned. */
    public PairObjectiveConfig plan() {
      return PairObjectiveConfig.of(recipe);
    }
  }

  /** How objectives go together. */
  public enum Kind {
    /** There is one. */
    SINGLE,
    /** One is drawn for each sample or micro-batch. */
    MIXTURE,
    /** Each has its own batches in every step. */
    SUM
  }

  /** The name of comparing embeddings, in recipes. */
  private static final String CONTRASTIVE = "contrastive";

  /** The objectives that can be parts: those of one stack of heads on the tokens of one model. */
  private static final List<TextObjective> PARTS =
      List.of(
          TextObjective.CLM,
          TextObjective.MLM,
          TextObjective.PREFIX_LM,
          TextObjective.SPAN_CORRUPTION,
          TextObjective.DENOISING,
          TextObjective.NSP,
          TextObjective.SOP,
          TextObjective.UL2,
          TextObjective.FIM,
          TextObjective.SEQ2SEQ);

  /**
   * The task of a recipe.
   *
   * @throws BadInputException if the model cannot learn it, or the parts do not go together
   */
  public static ObjectiveMix of(Recipe recipe) {
    String key = recipe.get(Settings.OBJECTIVE);
    return switch (key) {
      case "mixture" -> several(recipe, key, Kind.MIXTURE, Settings.MIXTURE);
      case "multi" -> several(recipe, key, Kind.SUM, Settings.MULTI);
      default -> single(key, TextObjectiveConfig.of(recipe));
    };
  }

  /** A task of one objective. */
  public static ObjectiveMix single(String key, TextObjectiveConfig plan) {
    return new ObjectiveMix(key, Kind.SINGLE, List.of(plan), List.of(1.0), null);
  }

  private static ObjectiveMix several(Recipe recipe, String key, Kind kind, Setting<String> from) {
    String setting = from.key();
    List<WeightedObjective> all = WeightedObjective.of(recipe, from);
    List<WeightedObjective> given = all.stream().filter(part -> !compares(part)).toList();
    Optional<WeightedObjective> compared = all.stream().filter(ObjectiveMix::compares).findFirst();
    compared.ifPresent(part -> checkContrast(recipe, kind, setting, part, given));
    List<TextObjective> objectives =
        given.stream().map(part -> objective(setting, part.name())).toList();
    checkHead(setting, objectives);
    String family = family(recipe, setting, objectives, compared.isPresent());
    Recipe designed = recipe.with(Settings.FAMILY, family);
    List<TextObjectiveConfig> plans =
        given.stream().map(part -> plan(kind, setting, part, designed)).toList();
    Contrast contrast =
        compared.map(part -> new Contrast(alone(designed, part), part.weight())).orElse(null);
    return new ObjectiveMix(
        key, kind, plans, given.stream().map(WeightedObjective::weight).toList(), contrast);
  }

  private static boolean compares(WeightedObjective part) {
    return part.name().equals(CONTRASTIVE);
  }

  private static void checkContrast(
      Recipe recipe,
      Kind kind,
      String setting,
      WeightedObjective part,
      List<WeightedObjective> others) {
    if (kind == Kind.MIXTURE) {
      throw new BadInputException(
          setting
              + ": contrastive tells the pairs of a batch from each other, and cannot be drawn"
              + " sample by sample; let it be a part of multi.parts");
    }
    if (others.isEmpty()) {
      throw new BadInputException(
          setting + ": contrastive alone is no sum: train the recipe contrastive");
    }
    if (!part.profile().isEmpty() && !PairLoss.PROFILES.contains(part.profile())) {
      throw new BadInputException(
          Format.text(
              "%s: contrastive has no profile '%s'; choose %s",
              setting, part.profile(), String.join(" or ", PairLoss.PROFILES)));
    }
    if (recipe.get(Settings.TOWERS).equals("two")) {
      throw new BadInputException(
          "model.towers two: the parts of a sum share one encoder of texts; leave it out");
    }
  }

  /** The recipe of comparing embeddings, as if there were nothing beside. */
  private static Recipe alone(Recipe recipe, WeightedObjective part) {
    Recipe alone = ofPairs(recipe).with(Settings.OBJECTIVE, CONTRASTIVE);
    return part.profile().isEmpty() ? alone : alone.with(Settings.CONTRAST, part.profile());
  }

  /** The recipe of what is beside running text: its pairs are all its data. */
  private static Recipe ofPairs(Recipe recipe) {
    return recipe
        .with(Settings.DATA, recipe.get(Settings.PAIRS))
        .with(Settings.BLEND, "")
        .with(Settings.REPLAY_PATH, "");
  }

  /** In a sum, questions about pairs stand alone: masked tokens are a part of their own. */
  private static TextObjectiveConfig plan(
      Kind kind, String setting, WeightedObjective part, Recipe recipe) {
    TextObjective objective = objective(setting, part.name());
    if (!part.profile().isEmpty() && !objective.profiles().contains(part.profile())) {
      throw new BadInputException(
          Format.text(
              "%s: %s has no profile '%s'; choose %s",
              setting, part.name(), part.profile(), String.join(" or ", objective.profiles())));
    }
    TextObjectiveConfig plan =
        TextObjectiveConfig.of(recipe.with(Settings.PROFILE, part.profile()), objective);
    if (kind != Kind.SUM || !plan.asksPairs()) {
      return plan;
    }
    if (!part.profile().isEmpty() && !part.profile().equals("plain")) {
      throw new BadInputException(
          Format.text(
              "%s: %s hides nothing in a sum, where masked tokens are a part of their own; leave"
                  + " out its profile",
              setting, part.name()));
    }
    return new TextObjectiveConfig(objective, plan.family(), "plain");
  }

  private static TextObjective objective(String setting, String name) {
    return TextObjective.named(name)
        .filter(PARTS::contains)
        .orElseThrow(
            () ->
                new BadInputException(
                    Format.text(
                        "%s: '%s' cannot be a part; %s can, and in multi.parts also contrastive, or"
                            + " clip or siglip, caption and mlm beside each other",
                        setting,
                        name,
                        PARTS.stream().map(TextObjective::key).collect(Collectors.joining(", ")))));
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
  private static String family(
      Recipe recipe, String setting, List<TextObjective> objectives, boolean compared) {
    SequencedMap<String, List<String>> fitting = new LinkedHashMap<>();
    objectives.forEach(o -> fitting.put(o.key(), TextObjectiveConfig.families(o)));
    if (compared) {
      fitting.put(CONTRASTIVE, PairObjectiveConfig.families(CONTRASTIVE));
    }
    List<String> common = new ArrayList<>(fitting.firstEntry().getValue());
    fitting.values().forEach(common::retainAll);
    if (common.isEmpty() && recipe.get(Settings.FAMILY).equals("auto")) {
      throw new BadInputException(
          setting
              + ": no model can learn all parts, because they need different stacks of blocks: "
              + fitting.entrySet().stream()
                  .map(part -> part.getKey() + " " + String.join(" or ", part.getValue()))
                  .collect(Collectors.joining(", "))
              + "; choose parts that share a family");
    }
    return Pretrained.design(recipe, common);
  }

  /** The first objective, which stands for all where they agree. */
  public TextObjectiveConfig first() {
    return parts.getFirst();
  }

  /** Whose design the model follows. */
  public String family() {
    return first().family();
  }

  /** Which stacks the model has. */
  public Architecture architecture() {
    return first().architecture();
  }

  /** Whether outputs are written for inputs, each with an end, and no running text. */
  public boolean writesOutputs() {
    return architecture() == Architecture.ENCODER_DECODER || (readsPairs() && !readsRunning());
  }

  /** What an encoder is asked. */
  public Head head() {
    return asksPairs() ? Head.TOKENS_AND_PAIR : Head.TOKENS;
  }

  /** Whether samples are asked which of two texts come first or follow. */
  public boolean asksPairs() {
    return parts.stream().anyMatch(TextObjectiveConfig::asksPairs);
  }

  /** Whether any part reads running text. */
  public boolean readsRunning() {
    return parts.stream().anyMatch(part -> !part.readsPairs());
  }

  /** Whether any part writes the second texts of given pairs. */
  public boolean readsPairs() {
    return parts.stream().anyMatch(TextObjectiveConfig::readsPairs);
  }

  /** Whether any part reads pairs beside running text. */
  public boolean readsBeside() {
    return contrast != null || (readsPairs() && readsRunning());
  }

  /** A recipe whose data is given pairs: all of it, or beside running text {@code data.pairs}. */
  public Recipe pairRecipe(Recipe recipe) {
    return readsRunning() ? ofPairs(recipe) : recipe;
  }

  /** What the vocabulary needs beside the token that ends documents. */
  public Vocabulary vocabulary() {
    return new Vocabulary(parts.stream().anyMatch(TextObjectiveConfig::needsSpecials), sentinels());
  }

  /** How many sentinels the vocabulary needs. */
  public int sentinels() {
    return parts.stream().mapToInt(TextObjectiveConfig::sentinels).max().orElse(0);
  }

  /**
   * What documents begin with among token ids: causal models read them as the tokenizer frames a
   * text; other objectives put special tokens around each sample.
   */
  public Template around(Tokenizer tokenizer) {
    return isCausal() ? tokenizer.traits().template() : Template.NONE;
  }

  /** Whether it is causal language modelling alone, on windows as they are. */
  public boolean isCausal() {
    return kind == Kind.SINGLE && first().objective() == TextObjective.CLM;
  }
}
