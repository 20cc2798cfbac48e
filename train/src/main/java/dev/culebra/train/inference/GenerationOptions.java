package dev.culebra.train.inference;

import dev.culebra.runtime.BadInputException;

/**
 * How the next token is chosen.
 *
 * @param tokens most tokens to write
 * @param temperature divides the logits; 0 takes the most probable token
 * @param topK only the k most probable tokens; 0 for all
 * @param topP only the most probable tokens that together have at least this probability (Holtzman
 *     et al. 2020, arXiv:1904.09751); 1 for all
 * @param seed of the draws
 */
public record GenerationOptions(int tokens, double temperature, int topK, double topP, long seed) {

  /** Moderate values: 200 tokens at temperature 0.8 from the 50 most probable. */
  public static final GenerationOptions DEFAULT = new GenerationOptions(200, 0.8, 50, 1, 1);

  /** Checks the ranges. */
  public GenerationOptions {
    if (tokens < 0) {
      throw new BadInputException("the number of tokens must be at least 0, not " + tokens);
    }
    if (!(temperature >= 0 && temperature <= 100)) {
      throw new BadInputException("the temperature must be from 0 to 100, not " + temperature);
    }
    if (topK < 0) {
      throw new BadInputException("top-k must be at least 0, not " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new BadInputException("top-p must be above 0 and at most 1, not " + topP);
    }
  }

  /**
   * What was asked for; null where nothing was.
   *
   * @param tokens most tokens to write
   * @param temperature divides the logits
   * @param topK only the k most probable tokens
   * @param topP only the most probable tokens that together have at least this probability
   */
  public record Asked(Integer tokens, Double temperature, Integer topK, Double topP) {

    /** Nothing. */
    public static final Asked NOTHING = new Asked(null, null, null, null);

    /** The same, and where nothing was asked for, something else. */
    Asked or(Asked other) {
      return new Asked(
          tokens == null ? other.tokens : tokens,
          temperature == null ? other.temperature : temperature,
          topK == null ? other.topK : topK,
          topP == null ? other.topP : topP);
    }

    /** The options, with usual values where nothing was asked for. */
    public GenerationOptions over(GenerationOptions usual) {
      return new GenerationOptions(
          tokens == null ? usual.tokens : tokens,
          temperature == null ? usual.temperature : temperature,
          topK == null ? usual.topK : topK,
          topP == null ? usual.topP : topP,
          usual.seed);
    }
  }
}
