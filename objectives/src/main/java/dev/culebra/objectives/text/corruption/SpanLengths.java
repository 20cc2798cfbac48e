package dev.culebra.objectives.text.corruption;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * How much T5 hides of a text, and how long a text must be to fill a model's input ({@code
 * random_spans_noise_mask} and {@code random_spans_helper} of t5.data.preprocessors). The mask
 * rounds in float32, the helper in double, both halves to even: at some lengths they differ by one.
 *
 * @param density the share of tokens to hide
 * @param meanSpan how many tokens a hidden span has on average
 */
public record SpanLengths(double density, double meanSpan) {

  /** Checks that something is hidden and something kept. */
  public SpanLengths {
    if (!(density > 0 && density < 1)) {
      throw new BadInputException(
          Format.text(
              "Hiding the share %s of a text leaves nothing to %s: it must lie between 0 and 1",
              density, density > 0 ? "read" : "ask for"));
    }
    if (!(meanSpan >= 1 && meanSpan < Integer.MAX_VALUE)) {
      throw new BadInputException(
          Format.text("Hidden spans of %s tokens on average: it must be at least 1", meanSpan));
    }
  }

  /** The same with another share to hide. */
  public SpanLengths withDensity(double share) {
    return new SpanLengths(share, meanSpan);
  }

  /** The same with spans of another mean length. */
  public SpanLengths withMeanSpan(double tokens) {
    return new SpanLengths(density, tokens);
  }

  /**
   * What is hidden of a text.
   *
   * @param hidden how many tokens
   * @param spans in how many spans, neither more than are hidden nor more than are kept
   */
  public record Counts(int hidden, int spans) {}

  /** What is hidden of {@code length} tokens, counted as at least 2; T5 rounds in float32. */
  public Counts of(int length) {
    int n = Math.max(length, 2);
    int hidden = Math.clamp((long) Math.rint((float) n * (float) density), 1, n - 1);
    return spans(hidden, n - hidden, Math.rint((float) hidden / (float) meanSpan));
  }

  /** The same for one span of mean length at least, so that a short text shows a whole one. */
  Counts ofAtLeastOneSpan(int length) {
    int n = Math.max(length, 2);
    int least = Math.max(of(n).hidden(), Math.clamp(Math.round(meanSpan), 1, n - 1));
    return spans(least, n - least, Math.rint(least / meanSpan));
  }

  private static Counts spans(int hidden, int kept, double spans) {
    return new Counts(hidden, Math.clamp((long) spans, 1, Math.min(hidden, kept)));
  }

  /**
   * What fills a model.
   *
   * @param tokens the length of a raw text
   * @param inputs the length of its input, sentinels and end token included
   * @param targets the length of its target, sentinels and end token included
   */
  public record Fill(int tokens, int inputs, int targets) {}

  /** The longest raw text whose input is at most {@code inputs} long. */
  public Fill filling(int inputs) {
    if (inputs < 4) {
      throw new BadInputException(
          Format.text(
              "Inputs of %d tokens have no room for a hidden span: give at least 4", inputs));
    }
    int tokens = inputs;
    while (fill(tokens).inputs() > inputs) {
      tokens--; // T5 never goes below the asked length; very short spans at a high density need it
    }
    while (fill(tokens + 1).inputs() <= inputs) {
      tokens++;
    }
    Fill fill = fill(tokens);
    boolean evened = density == 0.5 && fill.targets() > inputs;
    return evened ? new Fill(tokens - 1, fill.inputs(), fill.targets() - 1) : fill;
  }

  private Fill fill(int tokens) {
    int hidden = (int) Math.rint(tokens * density);
    int spans = (int) Math.rint(hidden / meanSpan);
    return new Fill(tokens, tokens - hidden + spans + 1, hidden + spans + 1);
  }
}
