package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.NoiseMask.Placement;
import dev.culebra.runtime.BadInputException;
import java.util.OptionalInt;

/**
 * Span corruption (Raffel et al. 2020): hidden spans are replaced by one sentinel each, and the
 * target lists them, each after its sentinel.
 */
public final class SpanCorruption implements Corruption {
  private final SpecialTokens specials;
  private final SpanLengths lengths;
  private final Style style;
  private final OptionalInt mode;

  /**
   * How samples look.
   *
   * @param layout for which architecture
   * @param placement where spans may lie
   * @param wholeSpan whether even a short text loses one span of mean length
   * @param closed whether the target ends with one more sentinel
   * @param ended whether input and target end with the end token, and begin as the tokenizer says
   */
  private record Style(
      SampleLayout layout, Placement placement, boolean wholeSpan, boolean closed, boolean ended) {}

  private SpanCorruption(
      SpecialTokens specials, SpanLengths lengths, Style style, OptionalInt mode) {
    this.specials = specials;
    this.lengths = lengths;
    this.style = style;
    this.mode = mode;
  }

  /** As T5's code does: no closing sentinel, end tokens, the last tokens always hidden. */
  public static SpanCorruption t5(SpecialTokens specials, SpanLengths lengths) {
    Style style = new Style(SampleLayout.ENCODER_DECODER, Placement.LAST, false, false, true);
    return new SpanCorruption(specials, lengths, style, OptionalInt.empty());
  }

  /** T5 with its option {@code random_roll}: the mask is turned by a random offset. */
  public static SpanCorruption t5Rolled(SpecialTokens specials, SpanLengths lengths) {
    Style style = new Style(SampleLayout.ENCODER_DECODER, Placement.ROLLED, false, false, true);
    return new SpanCorruption(specials, lengths, style, OptionalInt.empty());
  }

  /**
   * As Hugging Face's documents write it: spans anywhere, the target closed by one more sentinel.
   */
  public static SpanCorruption hf(SpecialTokens specials, SpanLengths lengths) {
    Style style = new Style(SampleLayout.ENCODER_DECODER, Placement.ANYWHERE, false, true, true);
    return new SpanCorruption(specials, lengths, style, OptionalInt.empty());
  }

  /** As textbooks print it: like {@link #hf}, without end tokens, one whole span at least. */
  public static SpanCorruption plain(SpecialTokens specials, SpanLengths lengths) {
    Style style = new Style(SampleLayout.ENCODER_DECODER, Placement.ANYWHERE, true, true, false);
    return new SpanCorruption(specials, lengths, style, OptionalInt.empty());
  }

  /** How much is hidden. */
  public SpanLengths lengths() {
    return lengths;
  }

  /** Hides another share, in spans of another length. */
  public SpanCorruption withLengths(SpanLengths others) {
    return new SpanCorruption(specials, others, style, mode);
  }

  /**
   * Closes the target with one more sentinel, or not.
   *
   * @throws BadInputException if spans are rolled: what they keep and hide may begin with either
   */
  public SpanCorruption withClosing(boolean closed) {
    if (closed && style.placement == Placement.ROLLED) {
      throw new BadInputException(
          "Targets of rolled spans have no closing sentinel: take another profile (t5, hf, plain)");
    }
    Style closing = new Style(style.layout, style.placement, style.wholeSpan, closed, style.ended);
    return new SpanCorruption(specials, lengths, closing, mode);
  }

  /** Lays samples out for an architecture. */
  public SpanCorruption withArrangement(SampleLayout layout) {
    Style laid = new Style(layout, style.placement, style.wholeSpan, style.closed, style.ended);
    return new SpanCorruption(specials, lengths, laid, mode);
  }

  /** Puts UL2's mode token before the input. */
  SpanCorruption withMode(int token) {
    return new SpanCorruption(specials, lengths, style, OptionalInt.of(token));
  }

  @Override
  public int minimum() {
    return style.placement == Placement.ANYWHERE ? 2 : 1;
  }

  /** One for each span, and one more to close, or for a span that is cut in two. */
  @Override
  public int sentinels(int tokens) {
    return counts(tokens).spans() + 1;
  }

  /** What is hidden of a text of so many tokens. */
  public SpanLengths.Counts counts(int tokens) {
    return style.wholeSpan ? lengths.ofAtLeastOneSpan(tokens) : lengths.of(tokens);
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "span corruption");
    SpanLengths.Counts counts = counts(text.length());
    return corrupt(text, NoiseMask.draw(text.length(), counts, style.placement, draws));
  }

  /** The sample that hides the tokens of a mask. */
  Example corrupt(Text text, boolean[] hidden) {
    Target input = start(text.length() + 3);
    mode.ifPresent(input::add);
    Target output = start(text.length() + 3);
    int kept = replaceRuns(text, hidden, true, input);
    int sentinels =
        style.placement == Placement.ANYWHERE
            ? list(text, hidden, output)
            : replaceRuns(text, hidden, false, output);
    if (style.closed) {
      output.add(specials.sentinel(Math.max(kept, sentinels)));
    }
    if (style.ended) {
      input.add(specials.id(Special.END));
      output.add(specials.id(Special.END));
    }
    return style.layout.lay(input, output, specials.start(Special.PAD));
  }

  private Target start(int expected) {
    return style.ended ? Target.opened(style.layout, specials, expected) : new Target(expected);
  }

  /** Copies a text with each run of {@code hidden == replaced} replaced by the next sentinel. */
  private int replaceRuns(Text text, boolean[] hidden, boolean replaced, Target to) {
    int runs = 0;
    for (int i = 0; i < text.length(); i++) {
      if (hidden[i] != replaced) {
        to.add(text.token(i), i);
      } else if (i == 0 || hidden[i - 1] != replaced) {
        to.add(specials.sentinel(runs++));
      }
    }
    return runs;
  }

  /** Lists the hidden runs, each after its sentinel. */
  private int list(Text text, boolean[] hidden, Target to) {
    int runs = 0;
    for (int i = 0; i < text.length(); i++) {
      if (hidden[i]) {
        if (i == 0 || !hidden[i - 1]) {
          to.add(specials.sentinel(runs++));
        }
        to.add(text.token(i), i);
      }
    }
    return runs;
  }
}
