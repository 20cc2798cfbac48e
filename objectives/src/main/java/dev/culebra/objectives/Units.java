package dev.culebra.objectives;

import java.util.List;

/**
 * What an objective counts and measures in, as people say it.
 *
 * @param inputs what {@link Objective#inputs} counts, and speed is told in: {@code "tokens"}
 * @param labels what {@link Objective#labels} counts over all terms
 * @param loss what the loss is measured in: {@code "nat"}
 */
public record Units(String inputs, String labels, String loss) {

  /** Labels of several kinds. */
  private static final String MIXED = "labels";

  /** Text whose tokens are asked. */
  public static final Units TOKENS = new Units("tokens", "tokens", "nat");

  /** Text of which some tokens are asked, and something about the whole. */
  public static final Units TEXTS = new Units("tokens", MIXED, "nat");

  /** Pairs that are to find each other. */
  public static final Units PAIRS = new Units("pairs", "pairs", "nat");

  /** The same units with other labels. */
  public Units labelled(String other) {
    return new Units(inputs, other, loss);
  }

  /** The units of a sum of objectives: where they differ, their common name. */
  public static Units ofAll(List<Units> parts) {
    Units first = parts.getFirst();
    boolean same = parts.stream().allMatch(part -> part.labels.equals(first.labels));
    return same ? first : first.labelled(MIXED);
  }
}
