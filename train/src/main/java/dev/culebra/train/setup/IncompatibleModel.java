package dev.culebra.train.setup;

import dev.culebra.models.ModelType;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.List;

/** Why a model of some design cannot learn an objective, and what can. */
public final class IncompatibleModel {

  private IncompatibleModel() {}

  /** The refusal of an objective of text. */
  public static BadInputException of(
      Recipe recipe, TextObjective objective, String design, List<String> fitting) {
    return of(recipe, objective.key(), design, reason(objective, design), fitting);
  }

  /**
   * A refusal.
   *
   * @param design of the model that was asked for, or that the run was to start from
   * @param reason what is wrong with it
   * @param fitting the designs that can learn the objective
   */
  public static BadInputException of(
      Recipe recipe, String objective, String design, String reason, List<String> fitting) {
    boolean started =
        Pretrained.from(recipe) && design.equals(ModelType.of(Pretrained.folder(recipe)));
    String subject =
        started
            ? Format.text(
                "model.from %s holds a %s; a %s", recipe.get(Settings.INIT), design, design)
            : "model.family " + design;
    String remedy =
        started
            ? "start from a " + String.join(" or ", ModelType.startsOf(fitting))
            : "choose " + String.join(" or ", fitting);
    return new BadInputException(
        Format.text(
            "%s cannot learn %s: %s; %s, or another objective",
            subject, objective, reason, remedy));
  }

  private static String reason(TextObjective objective, String design) {
    return switch (design) {
      case "bert", "electra" -> ofEncoder(objective, design);
      case "llama", "gpt2" ->
          objective == TextObjective.SPAN_CORRUPTION || objective == TextObjective.DENOISING
              ? "it needs an encoder for the corrupted text beside the decoder that restores it"
              : "a decoder sees only what precedes a token, not the whole text around it";
      case "t5", "bart" ->
          "an encoder and a decoder would share what one stack of blocks does alone";
      case ModelType.DENOISER -> "it draws images and reads no text";
      default -> "it embeds images and texts, and has no head that writes or guesses tokens";
    };
  }

  private static String ofEncoder(TextObjective objective, String design) {
    return switch (objective) {
      case ELECTRA -> "it has no generator beside the encoder that finds what was replaced";
      case MLM, NSP, SOP ->
          Format.text("an %s is two encoders, of which one finds what the other replaced", design);
      default -> "an encoder sees its whole input and writes nothing after it";
    };
  }
}
