package dev.culebra.objectives.text.corruption;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The noise of BART (Lewis et al. 2020): what is done to a text, in this order, before the model
 * writes the original.
 *
 * @param permute the share of sentences that change places
 * @param mask the share of words or tokens to hide
 * @param unit what is hidden at a time
 * @param replacement what stands where something is hidden
 * @param meanSpan for {@link Unit#SPAN} how many words a span has on average (Poisson); spans of
 *     length 0 insert a mask
 * @param random the share of masks that become a random id instead
 * @param insert the share of masks to insert
 * @param rotate how often the text is turned to begin elsewhere
 */
public record Denoise(
    double permute,
    double mask,
    Unit unit,
    Replacement replacement,
    double meanSpan,
    double random,
    double insert,
    double rotate) {

  /** What is hidden at a time. */
  public enum Unit {
    /** A token. */
    TOKEN,
    /** A word. */
    WORD,
    /** A span of words. */
    SPAN
  }

  /** What stands where something is hidden. */
  public enum Replacement {
    /** Nothing: it is deleted. */
    NOTHING,
    /** One mask for all of it. */
    ONE_MASK,
    /** One mask for each token. */
    MASK_EACH
  }

  private static final Denoise NONE =
      new Denoise(0, 0, Unit.TOKEN, Replacement.ONE_MASK, 3, 0, 0, 0);

  /** Checks that shares are shares. */
  public Denoise {
    check("permute", permute);
    check("mask", mask);
    check("random", random);
    check("insert", insert);
    check("rotate", rotate);
    if (!(meanSpan >= 1 && meanSpan < 100)) {
      throw new BadInputException(
          Format.text(
              "Spans of %s words on average: meanSpan must be at least 1 and below 100", meanSpan));
    }
  }

  private static void check(String name, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new BadInputException(
          Format.text(
              "Denoising takes the share %s of %s: it must be at least 0 and at most 1",
              share, name));
    }
  }

  /** The published setting: all sentences permuted, 30 % of words in spans of 3.5, 10 % random. */
  public static Denoise published() {
    return new Denoise(1, 0.3, Unit.SPAN, Replacement.ONE_MASK, 3.5, 0.1, 0, 0);
  }

  /** Token masking alone. */
  public static Denoise tokenMasking(double share) {
    return NONE.with(share, Unit.TOKEN, Replacement.ONE_MASK);
  }

  /** Token deletion alone. */
  public static Denoise tokenDeletion(double share) {
    return NONE.with(share, Unit.TOKEN, Replacement.NOTHING);
  }

  /** Text infilling alone, with spans of 3 words on average. */
  public static Denoise infilling(double share) {
    return NONE.with(share, Unit.SPAN, Replacement.ONE_MASK);
  }

  /** Sentence permutation alone. */
  public static Denoise sentencePermutation() {
    return NONE.withPermute(1);
  }

  /** Document rotation alone, of every text. */
  public static Denoise rotation() {
    return NONE.withRotate(1);
  }

  /** Hides another share, in other units, behind another replacement. */
  public Denoise with(double share, Unit of, Replacement by) {
    return new Denoise(permute, share, of, by, meanSpan, random, insert, rotate);
  }

  /** Hides another share. */
  public Denoise withMask(double share) {
    return with(share, unit, replacement);
  }

  /**
   * Hides whole words, not tokens.
   *
   * @throws BadInputException if spans are hidden
   */
  public Denoise withWholeWords() {
    if (unit == Unit.SPAN) {
      throw new BadInputException(
          "Hidden spans are made of whole words already: take a profile that hides tokens (mask,"
              + " delete), or leave whole words out");
    }
    return with(mask, Unit.WORD, replacement);
  }

  /** Permutes another share of the sentences. */
  public Denoise withPermute(double share) {
    return new Denoise(share, mask, unit, replacement, meanSpan, random, insert, rotate);
  }

  /**
   * Takes spans of another mean length.
   *
   * @throws BadInputException if no spans are hidden
   */
  public Denoise withMeanSpan(double words) {
    if (unit != Unit.SPAN) {
      throw new BadInputException(
          "A mean length is for hidden spans, and this noise has none: take a profile that hides"
              + " spans (fairseq, hf, plain, infill)");
    }
    return new Denoise(permute, mask, unit, replacement, words, random, insert, rotate);
  }

  /** Inserts masks. */
  public Denoise withInsert(double share) {
    return new Denoise(permute, mask, unit, replacement, meanSpan, random, share, rotate);
  }

  /** Rotates another share of the texts. */
  public Denoise withRotate(double share) {
    return new Denoise(permute, mask, unit, replacement, meanSpan, random, insert, share);
  }
}
