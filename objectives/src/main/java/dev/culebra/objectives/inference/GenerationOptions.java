package dev.culebra.objectives.inference;

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
}
