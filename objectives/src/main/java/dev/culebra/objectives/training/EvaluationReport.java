package dev.culebra.objectives.training;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model beside trivial ones, on the same held-out tokens. Losses are means over tokens, in nat.
 *
 * @param data what was scored
 * @param tokens scored tokens
 * @param loss the model's
 * @param bitsPerByte the model's loss per byte of text, in bit; NaN if the bytes are not known
 * @param unigramLoss of the training tokens' frequencies, add-one smoothed
 * @param bigramLoss of their pairs, by interpolated absolute discounting
 */
public record EvaluationReport(
    String data,
    long tokens,
    double loss,
    double bitsPerByte,
    double unigramLoss,
    double bigramLoss) {

  /** exp of the loss. */
  public double perplexity() {
    return Math.exp(loss);
  }

  /** The fields under the names of {@code --json}; null where a value is not known. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data);
    map.put("tokens", tokens);
    map.put("loss", loss);
    map.put("perplexity", perplexity());
    map.put("bits_per_byte", known(bitsPerByte));
    map.put("unigram_loss", known(unigramLoss));
    map.put("bigram_loss", known(bigramLoss));
    return map;
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
