package dev.culebra.objectives.text.corruption;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * How masked language modelling selects and replaces tokens. The references disagree, so each is a
 * profile; rate, limit, whole words and n-grams can be changed in all but {@link #modernBert}.
 *
 * @param choice how positions are selected
 * @param substitution what replaces them
 * @param rate the share of tokens to select
 * @param limit the most tokens selected in one sequence, where the count is exact
 * @param wholeWords whether words are selected, not tokens
 * @param ngrams the longest run of units that is selected at once, where the count is exact; runs
 *     of n are drawn in proportion to 1/n
 * @param framed whether a begin and an end token stand around the text
 * @param copies how many different masks a text gets before they repeat; 0 for a new one each epoch
 */
public record Masking(
    Choice choice,
    Substitution substitution,
    double rate,
    int limit,
    boolean wholeWords,
    int ngrams,
    boolean framed,
    int copies) {

  /** How positions are selected. */
  enum Choice {
    /** {@code min(limit, max(1, round(n * rate)))}, n with the special tokens, half to even. */
    EXACT,
    /** {@code ceil(n * rate)}, n without special tokens. */
    EXACT_UP,
    /** Each on its own. */
    BERNOULLI,
    /** {@code int(n * rate + u)} of all positions, special ones included. */
    ROUNDED_BY_CHANCE,
    /** The count of {@link #EXACT}, drawn with repetition: repeated ones count once. */
    REPEATED,
    /** Each on its own; the same number in [0, 1) decides what replaces it. */
    SINGLE_DRAW
  }

  private static final double RATE = 0.15;

  /** Checks rate and sizes. */
  public Masking {
    if (!(rate > 0 && rate <= 1)) {
      throw new BadInputException(
          Format.text(
              "A share of %s tokens cannot be masked: it must be above 0 and at most 1", rate));
    }
    if (limit < 1 || ngrams < 1) {
      throw new BadInputException(
          Format.text(
              "Masking at most %d tokens in runs of at most %d: both must be at least 1",
              limit, ngrams));
    }
  }

  /**
   * BERT (Devlin et al. 2019, {@code create_pretraining_data.py}): an exact count, 80/10/10, ten
   * fixed masks per text. Its published limits, 20 of 128 tokens and 77 of 512, are the rate's own
   * count of a full sequence: without a limit as many are selected.
   */
  public static Masking bert() {
    return new Masking(Choice.EXACT, Substitution.BERT, RATE, ANY, false, 1, true, 10);
  }

  /** ALBERT (Lan et al. 2020): like BERT, whole words in runs of up to three. */
  public static Masking albert() {
    return new Masking(Choice.EXACT, Substitution.BERT, RATE, ANY, true, 3, true, 40);
  }

  /** {@code DataCollatorForLanguageModeling} of transformers: each token on its own. */
  public static Masking hf() {
    return new Masking(Choice.BERNOULLI, Substitution.HF, RATE, ANY, false, 1, true, 0);
  }

  /** {@code MaskTokensDataset} of fairseq, for RoBERTa (Liu et al. 2019): redrawn each epoch. */
  public static Masking fairseq() {
    return new Masking(
        Choice.ROUNDED_BY_CHANCE, Substitution.FAIRSEQ, RATE, ANY, false, 1, true, 0);
  }

  /** ModernBERT (Warner et al. 2024): 30 %, one draw per position, no token protected. */
  public static Masking modernBert() {
    return new Masking(Choice.SINGLE_DRAW, Substitution.MASK, 0.3, ANY, false, 1, true, 0);
  }

  /** The generator of ELECTRA (Clark et al. 2020): positions with repetition, no random tokens. */
  public static Masking electra() {
    return new Masking(Choice.REPEATED, Substitution.ELECTRA, RATE, ANY, false, 1, true, 0);
  }

  /** As textbooks print it: 15 %, rounded up, every one the mask token, nothing around the text. */
  public static Masking plain() {
    return new Masking(Choice.EXACT_UP, Substitution.MASK, RATE, ANY, false, 1, false, 0);
  }

  private static final int ANY = Integer.MAX_VALUE;

  /** Selects another share. */
  public Masking withRate(double share) {
    return new Masking(choice, substitution, share, limit, wholeWords, ngrams, framed, copies);
  }

  /**
   * Selects at most so many tokens.
   *
   * @throws BadInputException for profiles that do not count exactly
   */
  public Masking withLimit(int most) {
    if (choice != Choice.EXACT && choice != Choice.EXACT_UP && choice != Choice.REPEATED) {
      throw new BadInputException(
          "The number of masked tokens has a limit in profiles that count exactly (bert, albert,"
              + " plain, electra)");
    }
    return new Masking(choice, substitution, rate, most, wholeWords, ngrams, framed, copies);
  }

  /**
   * Selects whole words. As in transformers, the profile hf then always masks.
   *
   * @throws BadInputException for modernbert, which draws each token on its own
   */
  public Masking withWholeWords() {
    if (choice == Choice.SINGLE_DRAW || choice == Choice.REPEATED) {
      throw new BadInputException(
          "The profiles modernbert and electra draw each token on its own: take another profile for"
              + " whole words");
    }
    Substitution whole = choice == Choice.BERNOULLI ? Substitution.MASK : substitution;
    return new Masking(choice, whole, rate, limit, true, ngrams, framed, copies);
  }

  /**
   * Selects runs of up to so many words or tokens.
   *
   * @throws BadInputException for profiles that do not count exactly
   */
  public Masking withNgrams(int longest) {
    if (choice != Choice.EXACT && choice != Choice.EXACT_UP) {
      throw new BadInputException(
          "Runs of tokens are masked by profiles that count exactly (bert, albert, plain)");
    }
    return new Masking(choice, substitution, rate, limit, wholeWords, longest, framed, copies);
  }
}
