package dev.culebra.data.read;

import java.util.List;

/**
 * Two texts that belong together: a question and its answer, a text and its translation, a text and
 * its label.
 *
 * @param source not blank
 * @param target not blank
 * @param group what makes pairs the same thing, so that they are no negatives of each other and are
 *     held out together; null if the data does not say
 * @param negatives texts that look like the target but are wrong, possibly none
 * @param where where it stands
 */
public record TextPair(
    String source, String target, String group, List<String> negatives, Place where) {

  /** Copies the list. */
  public TextPair {
    negatives = List.copyOf(negatives);
  }
}
