package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * The fields of a JSON object that make a {@link TextPair}.
 *
 * @param source a string, or an integer or true or false, which stand for their letters
 * @param target likewise
 * @param group a string or number, which may be absent; empty for none
 * @param negatives a list of strings, which may be absent
 * @param header whether the first line of a .tsv or .csv file names its columns
 */
public record PairFields(
    String source, String target, String group, String negatives, Header header) {

  /** Whether the first line of a .tsv or .csv file names its columns. */
  public enum Header {
    /** If it looks so. */
    AUTO,
    /** It does. */
    YES,
    /** It is a pair. */
    NO
  }

  /** Fields of the same names. */
  public static final PairFields DEFAULT = new PairFields("source", "target", "group", "negatives");

  /** Fields of a list of captions. */
  public static final PairFields CAPTIONS = new PairFields("file", "caption", "group", "negatives");

  /** The same with another header. */
  public PairFields with(Header other) {
    return new PairFields(source, target, group, negatives, other);
  }

  /** Whether one text is wanted of each row, and no pair. */
  boolean isOneColumn() {
    return source.equals(target);
  }

  /** Fields of a file whose header is found. */
  public PairFields(String source, String target, String group, String negatives) {
    this(source, target, group, negatives, Header.AUTO);
  }

  /**
   * A pair with both sides.
   *
   * @param groupOrEmpty its group; empty if there is none
   * @throws BadInputException if a side is blank
   */
  TextPair pair(
      String sourceText,
      String targetText,
      String groupOrEmpty,
      List<String> wrongTargets,
      Place where) {
    if (sourceText.isBlank() || targetText.isBlank()) {
      throw new BadInputException(
          Format.text("%s has an empty %s", where, sourceText.isBlank() ? source : target));
    }
    String of = groupOrEmpty.isBlank() ? null : groupOrEmpty.strip();
    return new TextPair(sourceText.strip(), targetText.strip(), of, wrongTargets, where);
  }
}
