package dev.culebra.train.setup;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.objectives.text.PackedOptions;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.Denoise;
import dev.culebra.objectives.text.corruption.Denoising;
import dev.culebra.objectives.text.corruption.FillInMiddle;
import dev.culebra.objectives.text.corruption.MaskedTokens;
import dev.culebra.objectives.text.corruption.PairRows;
import dev.culebra.objectives.text.corruption.SampleLayout;
import dev.culebra.objectives.text.corruption.SpanCorruption;
import dev.culebra.objectives.text.corruption.SpanLengths;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How an objective of text is trained: which families fit, what is done to a window of text, and
 * how large a window and its rows are.
 *
 * @param objective what is learned
 * @param family whose design the model follows
 * @param profile which variant of the corruption
 * @param sentinels how many the vocabulary needs
 */
public record TextObjectiveConfig(
    TextObjective objective, String family, String profile, int sentinels) {

  /** Sentinels of the vocabulary where spans are hidden, at least: as many as T5 has. */
  private static final int SENTINELS = 100;

  /** A plan with the usual number of sentinels. */
  public TextObjectiveConfig(TextObjective objective, String family, String profile) {
    this(
        objective,
        family,
        profile,
        objective == TextObjective.SPAN_CORRUPTION || objective == TextObjective.UL2
            ? SENTINELS
            : 0);
  }

  /** The plan of a recipe, refused with the reason if the model cannot learn the objective. */
  static TextObjectiveConfig of(Recipe recipe) {
    return of(recipe, TextObjective.named(recipe.get(Settings.OBJECTIVE)).orElseThrow());
  }

  /** The plan of an objective with a recipe's family and profile. */
  static TextObjectiveConfig of(Recipe recipe, TextObjective objective) {
    String family = Pretrained.design(recipe, families(objective));
    if (!families(objective).contains(family)) {
      throw IncompatibleModel.of(recipe, objective, family, families(objective));
    }
    String profile = recipe.get(Settings.PROFILE);
    if (profile.isEmpty()) {
      return new TextObjectiveConfig(
              objective, family, usual(objective, ModelFactory.architecture(family)))
          .withSentinels(recipe);
    }
    checkProfile(objective, family, profile);
    return new TextObjectiveConfig(objective, family, profile).withSentinels(recipe);
  }

  /** Refuses a profile whose samples the model cannot read, or that training does not follow. */
  private static void checkProfile(TextObjective objective, String family, String profile) {
    List<SampleLayout> layouts = objective.layouts(profile);
    SampleLayout needed = layout(ModelFactory.architecture(family));
    if (!layouts.isEmpty() && !layouts.contains(needed)) {
      throw new BadInputException(
          Format.text(
              "corruption.profile %s lays the samples of %s out for %s, but %s is %s: choose the"
                  + " profile %s, or model.family %s",
              profile,
              objective.key(),
              named(layouts.getFirst()),
              family,
              named(needed),
              objective.profiles().stream()
                  .filter(other -> objective.layouts(other).contains(needed))
                  .collect(Collectors.joining(" or ")),
              families(objective).stream()
                  .filter(other -> layouts.contains(layout(ModelFactory.architecture(other))))
                  .collect(Collectors.joining(" or "))));
    }
    if (objective == TextObjective.CLM && !profile.equals("plain")) {
      throw new BadInputException(
          Format.text(
              "corruption.profile %s is for a text alone: clm trains on windows of text as it is,"
                  + " where an end-of-text token stands behind every document; leave it out",
              profile));
    }
  }

  private static SampleLayout layout(TokenModel.Architecture architecture) {
    return architecture == TokenModel.Architecture.DECODER
        ? SampleLayout.DECODER
        : SampleLayout.ENCODER_DECODER;
  }

  private static String named(SampleLayout layout) {
    return layout == SampleLayout.DECODER ? "a decoder" : "an encoder-decoder";
  }

  /** An objective with each of its profiles, for its usual family. */
  static Stream<TextObjectiveConfig> variants(TextObjective objective) {
    String family = families(objective).getFirst();
    return objective.profiles().stream()
        .map(profile -> new TextObjectiveConfig(objective, family, profile));
  }

  /** The families that fit, the usual one first. */
  public static List<String> families(TextObjective objective) {
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

  private static String usual(TextObjective objective, TokenModel.Architecture architecture) {
    boolean decoder = architecture == TokenModel.Architecture.DECODER;
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
  public TokenModel.Architecture architecture() {
    return ModelFactory.architecture(family);
  }

  /** Whether samples are asked which of two texts come first or follow. */
  public boolean asksPairs() {
    return objective == TextObjective.NSP || objective == TextObjective.SOP;
  }

  /** Whether samples are given pairs of texts, and not made of running text. */
  public boolean readsPairs() {
    return objective == TextObjective.SEQ2SEQ;
  }

  /** The plan with sentinels enough for the windows of a recipe. */
  private TextObjectiveConfig withSentinels(Recipe recipe) {
    return sentinels == 0
        ? this
        : new TextObjectiveConfig(
            objective,
            family,
            profile,
            Math.max(
                sentinels,
                designed(recipe)
                    .orElseThrow()
                    .sentinels(window(recipe, recipe.get(Settings.CONTEXT)))));
  }

  /** Whether the vocabulary needs more than the token that ends documents. */
  boolean needsSpecials() {
    return objective != TextObjective.CLM;
  }

  /** What is done to a window of text. */
  public Corruption corruption(Recipe recipe, SpecialTokens specials) {
    return CorruptionSetting.apply(recipe, hides(specials).orElseThrow());
  }

  /** How pairs of texts are laid out, and what is masked in them. */
  public PairRows pairRows(Recipe recipe, SpecialTokens specials) {
    return hides(specials)
        .map(masks -> PairRows.masked((MaskedTokens) CorruptionSetting.apply(recipe, masks)))
        .orElseGet(() -> PairRows.plain(specials));
  }

  /** What the profile hides of a text or of a pair of texts, if anything. */
  private Optional<Corruption> hides(SpecialTokens specials) {
    return switch (objective) {
      case NSP, SOP ->
          objective.pairMasking(profile).map(masking -> new MaskedTokens(masking, specials));
      case SEQ2SEQ -> Optional.empty();
      default -> Optional.of(objective.corruption(profile, specials, layout(architecture())));
    };
  }

  /** The same of no vocabulary, to ask about. */
  Optional<Corruption> usual() {
    return hides(SpecialTokens.behind(1, 0));
  }

  /** The same, changed as a recipe says. */
  Optional<Corruption> designed(Recipe recipe) {
    return usual().map(corruption -> CorruptionSetting.apply(recipe, corruption));
  }

  /** Windows and their rows: {@code batch.sequences} windows of up to {@code model.context}. */
  public PackedOptions sizes(Recipe recipe, SpecialTokens specials) {
    int context = recipe.get(Settings.CONTEXT);
    int sequences = recipe.get(Settings.SEQUENCES);
    boolean byDocument = recipe.get(Settings.PACKING).equals("packed");
    int window = window(recipe, context - opening(specials));
    if (window < 2) {
      throw new BadInputException(
          Format.text(
              "model.context %d leaves no room for a text beside its special tokens: set more",
              context));
    }
    int rows = Math.multiplyExact(sequences, context);
    int pad = specials.id(Special.PAD);
    int examples = byDocument ? Math.multiplyExact(sequences, 4) : sequences;
    return switch (architecture()) {
      case ENCODER -> new PackedOptions(sequences, window, byDocument, examples, rows, 1, pad);
      case DECODER -> new PackedOptions(sequences, window, byDocument, examples, 1, rows, pad);
      case ENCODER_DECODER ->
          new PackedOptions(
              sequences,
              window,
              byDocument,
              examples,
              rows,
              decoderRows(recipe, opening(specials), rows),
              pad);
    };
  }

  /** How many tokens stand before the rows of windows that are as long as the context allows. */
  private int opening(SpecialTokens specials) {
    return objective == TextObjective.SPAN_CORRUPTION ? specials.opening().length : 0;
  }

  /** Tokens of a window, so that what becomes of it fits the context. */
  private int window(Recipe recipe, int context) {
    return switch (objective) {
      case SPAN_CORRUPTION -> spans(recipe).lengths().filling(context).tokens();
      case FIM -> context - 2 - FillInMiddle.GROWTH; // three marks, one of them shifted out
      case UL2 -> // the rest is for the sentinels of the hardest setting, twice in a decoder alone
          architecture() == TokenModel.Architecture.DECODER
              ? Math.min(context * 2 / 3, (context - 5) * 3 / 4)
              : context * 2 / 3;
      case DENOISING -> // masks may be inserted, begin and end tokens counted
          (int) (context / (1 + noise(recipe).insert())) - 3;
      default -> context - 3;
    };
  }

  private SpanCorruption spans(Recipe recipe) {
    return (SpanCorruption) designed(recipe).orElseThrow();
  }

  private Denoise noise(Recipe recipe) {
    return ((Denoising) designed(recipe).orElseThrow()).noise();
  }

  private int decoderRows(Recipe recipe, int opening, int rows) {
    if (objective != TextObjective.SPAN_CORRUPTION) {
      return rows;
    }
    int context = recipe.get(Settings.CONTEXT) - opening;
    SpanLengths.Counts most = spans(recipe).counts(window(recipe, context));
    return Math.multiplyExact(
        recipe.get(Settings.SEQUENCES),
        opening
            + Math.min(
                context, most.hidden() + most.spans() + 3)); // a closing sentinel and the ends
  }
}
