package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.TokenModel.Arrangement;
import dev.culebra.objectives.batch.PackedOptions;
import dev.culebra.objectives.corruption.Corruption;
import dev.culebra.objectives.corruption.Denoise;
import dev.culebra.objectives.corruption.Denoising;
import dev.culebra.objectives.corruption.MaskedTokens;
import dev.culebra.objectives.corruption.Masking;
import dev.culebra.objectives.corruption.SpanCorruption;
import dev.culebra.objectives.corruption.SpanLengths;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import java.util.List;

/**
 * How an objective of text is trained: which families fit, what is done to a window of text, and
 * how large a window and its rows are.
 *
 * @param objective what is learned
 * @param family whose design the model follows
 * @param profile which variant of the corruption
 */
record TextPlan(TextObjective objective, String family, String profile) {

  /** Sentinels of the vocabulary where spans are hidden. */
  private static final int SENTINELS = 100;

  /** The plan of a recipe, refused with the reason if the model cannot learn the objective. */
  static TextPlan of(Recipe recipe) {
    return of(recipe, TextObjective.named(recipe.get(Settings.OBJECTIVE)).orElseThrow());
  }

  /** The plan of an objective with a recipe's family and profile. */
  static TextPlan of(Recipe recipe, TextObjective objective) {
    String family = Continued.design(recipe, families(objective));
    if (!families(objective).contains(family)) {
      throw Misfit.of(recipe, objective, family, families(objective));
    }
    String profile = recipe.get(Settings.PROFILE);
    return new TextPlan(
        objective,
        family,
        profile.isEmpty() ? usual(objective, ModelPlan.arrangement(family)) : profile);
  }

  /** The families that fit, the usual one first. */
  static List<String> families(TextObjective objective) {
    return switch (objective) {
      case CLM, FIM -> List.of("llama", "gpt2");
      case MLM, NSP, SOP -> List.of("bert");
      case ELECTRA -> List.of("electra");
      case PREFIX_LM -> List.of("llama", "gpt2", "t5", "bart");
      case SPAN_CORRUPTION -> List.of("t5", "bart");
      case DENOISING -> List.of("bart", "t5");
      case SEQ2SEQ, UL2 -> List.of("t5", "bart", "llama", "gpt2");
    };
  }

  private static String usual(TextObjective objective, Arrangement arrangement) {
    boolean decoder = arrangement == Arrangement.DECODER;
    return switch (objective) {
      case CLM -> "plain";
      case MLM, NSP -> "bert";
      case SOP -> "albert";
      case ELECTRA -> "electra";
      case PREFIX_LM -> decoder ? "t5-decoder" : "t5";
      case SPAN_CORRUPTION -> "t5";
      case DENOISING -> "fairseq";
      case SEQ2SEQ -> decoder ? "decoder" : "t5";
      case UL2 -> decoder ? "decoder" : "community";
      case FIM -> "starcoder";
    };
  }

  /** Which stacks the model has. */
  Arrangement arrangement() {
    return ModelPlan.arrangement(family);
  }

  /** Whether samples are asked which of two texts come first or follow. */
  boolean asksPairs() {
    return objective == TextObjective.NSP || objective == TextObjective.SOP;
  }

  /** How many sentinels the vocabulary needs. */
  int sentinels() {
    return objective == TextObjective.SPAN_CORRUPTION || objective == TextObjective.UL2
        ? SENTINELS
        : 0;
  }

  /** Whether the vocabulary needs more than the token that ends documents. */
  boolean needsSpecials() {
    return objective != TextObjective.CLM;
  }

  /** What is done to a window of text. */
  Corruption corruption(Recipe recipe, SpecialTokens specials) {
    double rate = recipe.get(Settings.RATE);
    if (rate == 0) {
      return objective.corruption(profile, specials);
    }
    return switch (objective) {
      case MLM -> new MaskedTokens(masking().withRate(rate), specials);
      case SPAN_CORRUPTION -> {
        SpanLengths lengths = new SpanLengths(rate, recipe.get(Settings.SPAN));
        yield switch (profile) {
          case "t5" -> SpanCorruption.t5(specials, lengths);
          case "t5-rolled" -> SpanCorruption.t5Rolled(specials, lengths);
          case "hf" -> SpanCorruption.hf(specials, lengths);
          default -> SpanCorruption.plain(specials, lengths);
        };
      }
      case DENOISING ->
          Denoising.fairseq(
              Denoise.infilling(rate).withMeanSpan(recipe.get(Settings.SPAN)).withPermute(1),
              specials);
      default ->
          throw new BadInputException(
              "corruption.rate is for mlm, span-corruption and denoising; "
                  + objective.key()
                  + " draws its own");
    };
  }

  /** The masking of the profile. */
  Masking masking() {
    return switch (profile) {
      case "bert" -> Masking.bert();
      case "bert-words" -> Masking.bert().withWholeWords();
      case "albert" -> Masking.albert();
      case "hf" -> Masking.hf();
      case "hf-words" -> Masking.hf().withWholeWords();
      case "fairseq" -> Masking.fairseq();
      case "fairseq-words" -> Masking.fairseq().withWholeWords();
      case "modernbert" -> Masking.modernBert();
      default -> Masking.plain();
    };
  }

  /** Windows and their rows: {@code batch.sequences} windows of up to {@code model.context}. */
  PackedOptions sizes(Recipe recipe, SpecialTokens specials) {
    int context = recipe.get(Settings.CONTEXT);
    int sequences = recipe.get(Settings.SEQUENCES);
    boolean byDocument = recipe.get(Settings.PACKING).equals("packed");
    int window = window(recipe, context);
    if (window < 2) {
      throw new BadInputException(
          "model.context %d leaves no room for a text beside its special tokens: set more"
              .formatted(context));
    }
    int rows = Math.multiplyExact(sequences, context);
    int pad = specials.id(Special.PAD);
    int examples = byDocument ? Math.multiplyExact(sequences, 4) : sequences;
    return switch (arrangement()) {
      case ENCODER -> new PackedOptions(sequences, window, byDocument, examples, rows, 1, pad);
      case DECODER -> new PackedOptions(sequences, window, byDocument, examples, 1, rows, pad);
      case ENCODER_DECODER ->
          new PackedOptions(
              sequences, window, byDocument, examples, rows, decoderRows(recipe, rows), pad);
    };
  }

  /** Tokens of a window, so that what becomes of it fits the context. */
  private int window(Recipe recipe, int context) {
    return switch (objective) {
      case SPAN_CORRUPTION -> spans(recipe).filling(context).tokens();
      case FIM -> context - 5; // three marks, the end, and the one that is shifted out
      case UL2 -> // the rest is for the sentinels of the hardest setting, twice in a decoder alone
          arrangement() == Arrangement.DECODER
              ? Math.min(context * 2 / 3, (context - 5) * 3 / 4)
              : context * 2 / 3;
      default -> context - 3;
    };
  }

  private SpanLengths spans(Recipe recipe) {
    double rate = recipe.get(Settings.RATE);
    return new SpanLengths(rate == 0 ? 0.15 : rate, recipe.get(Settings.SPAN));
  }

  private int decoderRows(Recipe recipe, int rows) {
    if (objective != TextObjective.SPAN_CORRUPTION) {
      return rows;
    }
    int context = recipe.get(Settings.CONTEXT);
    return Math.multiplyExact(
        recipe.get(Settings.SEQUENCES),
        Math.min(context, spans(recipe).filling(context).targets() + 2));
  }
}
