package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.runtime.BadInputException;
import java.util.List;

/**
 * The mixture of denoisers of UL2 (Tay et al. 2022, table 1): seven settings of span corruption,
 * each announced by the token of its mode before the input.
 */
public final class Ul2 {

  /** What a denoiser trains. */
  public enum Mode {
    /** Ordinary spans. */
    R,
    /** The end of a text from its beginning. */
    S,
    /** Long spans, or many. */
    X
  }

  /**
   * One setting.
   *
   * @param meanSpan tokens per hidden span; for {@link Mode#S} unused: one span at the end
   * @param density the share of tokens to hide
   */
  public record Denoiser(Mode mode, double meanSpan, double density) {

    private Corruption corruption(SpecialTokens specials, SampleLayout layout) {
      Special announced =
          switch (mode) {
            case R -> Special.MODE_R;
            case S -> Special.MODE_S;
            case X -> Special.MODE_X;
          };
      return SpanCorruption.t5(specials, lengths())
          .withArrangement(layout)
          .withMode(specials.id(announced));
    }

    /** How much is hidden. One span always lies at the end. */
    public SpanLengths lengths() {
      return new SpanLengths(density, mode == Mode.S ? Integer.MAX_VALUE - 1 : meanSpan);
    }
  }

  /** The seven published settings. */
  public static final List<Denoiser> DENOISERS =
      List.of(
          new Denoiser(Mode.R, 3, 0.15),
          new Denoiser(Mode.R, 8, 0.15),
          new Denoiser(Mode.X, 3, 0.5),
          new Denoiser(Mode.X, 8, 0.5),
          new Denoiser(Mode.X, 64, 0.15),
          new Denoiser(Mode.X, 64, 0.5),
          new Denoiser(Mode.S, Double.NaN, 0.25));

  private Ul2() {}

  /** All seven equally often, as in the paper's code. */
  public static Mixture uniform(SpecialTokens specials, SampleLayout layout) {
    return mixture(specials, layout, 2, 1, 4);
  }

  /** 40 % R, 20 % S and 40 % X, as later models are trained. */
  public static Mixture community(SpecialTokens specials, SampleLayout layout) {
    return mixture(specials, layout, 0.4, 0.2, 0.4);
  }

  /**
   * Modes in given proportions; the settings of a mode share its part equally.
   *
   * @throws BadInputException if a weight is negative or all are 0
   */
  public static Mixture mixture(
      SpecialTokens specials, SampleLayout layout, double r, double s, double x) {
    return new Mixture(
        DENOISERS.stream().map(denoiser -> denoiser.corruption(specials, layout)).toList(),
        weights(r, s, x));
  }

  /**
   * How often each of {@link #DENOISERS} is drawn, by the proportions of the modes.
   *
   * @throws BadInputException if a weight is negative or all are 0
   */
  public static Probabilities weights(double r, double s, double x) {
    return new Probabilities(
        DENOISERS.stream()
            .mapToDouble(
                denoiser ->
                    switch (denoiser.mode()) {
                      case R -> r / 2;
                      case S -> s;
                      case X -> x / 4;
                    })
            .toArray());
  }
}
