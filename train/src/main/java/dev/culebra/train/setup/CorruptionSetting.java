package dev.culebra.train.setup;

import dev.culebra.data.random.Probabilities;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.Denoise;
import dev.culebra.objectives.text.corruption.Denoising;
import dev.culebra.objectives.text.corruption.FillInMiddle;
import dev.culebra.objectives.text.corruption.MaskedTokens;
import dev.culebra.objectives.text.corruption.Masking;
import dev.culebra.objectives.text.corruption.Mixture;
import dev.culebra.objectives.text.corruption.PrefixSplit;
import dev.culebra.objectives.text.corruption.SpanCorruption;
import dev.culebra.objectives.text.corruption.SpanLengths;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.objectives.text.corruption.Ul2;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * A setting by which a recipe changes what a profile does to a text. A recipe that does not set it
 * leaves the profile as it is.
 *
 * @param setting whose default means the profile's own
 * @param of the kind of corruption that it changes
 * @param change the corruption with a value
 */
public record CorruptionSetting<C extends Corruption, T>(
    Setting<T> setting, Class<C> of, BiFunction<C, T, C> change) {

  private static final List<CorruptionSetting<?, ?>> ALL =
      List.of(
          masking(Settings.RATE, Masking::withRate),
          spans(Settings.RATE, (spans, rate) -> spans.withDensity(rate)),
          noise(Settings.RATE, Denoise::withMask),
          new CorruptionSetting<>(Settings.RATE, FillInMiddle.class, FillInMiddle::withRate),
          spans(Settings.SPAN, (spans, length) -> spans.withMeanSpan(length)),
          noise(Settings.SPAN, Denoise::withMeanSpan),
          masking(Settings.WHOLE_WORDS, (masks, whole) -> masks.withWholeWords()),
          noise(Settings.WHOLE_WORDS, (noise, whole) -> noise.withWholeWords()),
          masking(Settings.N_GRAM, Masking::withNgrams),
          masking(Settings.LIMIT, Masking::withLimit),
          new CorruptionSetting<>(Settings.GIVEN, PrefixSplit.class, PrefixSplit::withShare),
          new CorruptionSetting<>(
              Settings.CLOSING,
              SpanCorruption.class,
              (spans, closed) -> spans.withClosing(closed.equals("true"))),
          noise(Settings.PERMUTE, Denoise::withPermute),
          noise(Settings.INSERT, Denoise::withInsert),
          noise(Settings.ROTATE, Denoise::withRotate),
          new CorruptionSetting<>(
              Settings.MIX, Mixture.class, (ul2, mix) -> ul2.withWeights(modes(mix))),
          new CorruptionSetting<>(
              Settings.SUFFIX_FIRST, FillInMiddle.class, FillInMiddle::withSuffixFirst));

  private static <T> CorruptionSetting<MaskedTokens, T> masking(
      Setting<T> setting, BiFunction<Masking, T, Masking> change) {
    return new CorruptionSetting<>(
        setting,
        MaskedTokens.class,
        (masks, value) -> masks.with(masking -> change.apply(masking, value)));
  }

  private static <T> CorruptionSetting<Denoising, T> noise(
      Setting<T> setting, BiFunction<Denoise, T, Denoise> change) {
    return new CorruptionSetting<>(
        setting,
        Denoising.class,
        (denoising, value) -> denoising.with(noise -> change.apply(noise, value)));
  }

  private static <T> CorruptionSetting<SpanCorruption, T> spans(
      Setting<T> setting, BiFunction<SpanLengths, T, SpanLengths> change) {
    return new CorruptionSetting<>(
        setting,
        SpanCorruption.class,
        (spans, value) -> spans.withLengths(change.apply(spans.lengths(), value)));
  }

  private static Probabilities modes(String mix) {
    String[] weights = mix.split(",", -1);
    if (weights.length != Ul2.Mode.values().length) {
      throw new BadInputException("give a weight for each of R, S and X, as in 0.4,0.2,0.4");
    }
    try {
      double[] each = Arrays.stream(weights).mapToDouble(Double::parseDouble).toArray();
      return Ul2.weights(each[0], each[1], each[2]);
    } catch (NumberFormatException e) {
      throw new BadInputException("weights are numbers, as in 0.4,0.2,0.4", e);
    }
  }

  /**
   * What a profile does to a text, changed as a recipe says; settings of others are passed over.
   */
  static Corruption apply(Recipe recipe, Corruption corruption) {
    Corruption changed = corruption;
    for (CorruptionSetting<?, ?> tuning : ALL) {
      changed = tuning.applied(recipe, changed);
    }
    return changed;
  }

  private Corruption applied(Recipe recipe, Corruption corruption) {
    if (!isAsked(recipe) || !of.isInstance(corruption)) {
      return corruption;
    }
    T value = recipe.get(setting);
    try {
      return change.apply(of.cast(corruption), value);
    } catch (BadInputException e) {
      throw new BadInputException(
          Format.text("%s %s: %s", setting.key(), value, e.getMessage()), e);
    }
  }

  private boolean isAsked(Recipe recipe) {
    return !recipe.get(setting).equals(setting.fallback());
  }

  /**
   * Refuses settings that change nothing in any part of a task, and values that do not fit.
   *
   * @param parts the objectives of the recipe; none if they are not made of text alone
   */
  public static void check(Recipe recipe, List<TextObjectiveConfig> parts) {
    String profile = recipe.get(Settings.PROFILE);
    String key = recipe.get(Settings.OBJECTIVE);
    boolean one = parts.size() == 1 && parts.getFirst().objective().key().equals(key);
    if (!profile.isEmpty() && !one) {
      throw new BadInputException(
          Format.text(
              "%s %s is the variant of one objective of text, which %s is not: %s",
              Settings.PROFILE.key(),
              profile,
              key,
              parts.isEmpty() ? "leave it out" : "give each part its own, as in mlm/hf:0.5"));
    }
    for (CorruptionSetting<?, ?> tuning : ALL) {
      if (tuning.isAsked(recipe) && parts.stream().noneMatch(part -> has(tuning.setting, part))) {
        throw new BadInputException(
            Format.text(
                "%s %s changes nothing in %s: it is for %s (%s); leave it out",
                tuning.setting.key(),
                recipe.get(tuning.setting),
                parts.isEmpty() ? recipe.get(Settings.OBJECTIVE) : described(parts),
                owners(tuning.setting),
                tuning.setting.description()));
      }
    }
    parts.forEach(part -> part.designed(recipe));
  }

  /** Whether a setting changes what an objective does with its profile. */
  private static boolean has(Setting<?> setting, TextObjectiveConfig part) {
    return part.usual()
        .filter(c -> ALL.stream().anyMatch(t -> t.setting == setting && t.of.isInstance(c)))
        .isPresent();
  }

  private static String described(List<TextObjectiveConfig> parts) {
    return parts.stream()
        .map(part -> part.objective().key() + " with the profile " + part.profile())
        .collect(Collectors.joining(" or "));
  }

  private static String owners(Setting<?> setting) {
    return Arrays.stream(TextObjective.values())
        .filter(
            objective ->
                TextObjectiveConfig.variants(objective).anyMatch(plan -> has(setting, plan)))
        .map(TextObjective::key)
        .collect(Collectors.joining(", "));
  }
}
