package dev.culebra.objectives.architecture;

import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.tensor.Parameters;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A model on a device: weights under the names of its published family, and what describes it. */
public interface Model extends AutoCloseable {

  /** The weights. */
  Parameters parameters();

  /** The {@code config.json} that the Python world expects beside the weights. */
  ObjectNode config(TokenIds ids);

  /** Family and sizes, in one line for people. */
  String description();

  /** How names in weight files of the family may begin, or not: each name as the file likes. */
  default String optionalPrefix() {
    return "";
  }

  /**
   * Whether weight files of the family may hold this tensor, which says nothing: a constant, such
   * as a mask or the numbers of positions.
   */
  default boolean ignores(String tensor) {
    return false;
  }

  /** Whether weight files of the family may hold this tensor for a use that this model has not. */
  default boolean leavesOut(String tensor) {
    return false;
  }

  /** Further names under which weight files of the family hold this tensor again, all of them. */
  default List<String> copies(String tensor) {
    return List.of();
  }

  /** Further names under which a weight file may hold this tensor, instead or beside: tied ones. */
  default List<String> ties(String tensor) {
    return List.of();
  }

  /** Whether no published class reads this tensor, which then lies in a file of its own. */
  default boolean isOwn(String tensor) {
    return false;
  }

  /** Adds tensors that a published class wants to find, and that nobody here reads. */
  default void addUnread(SafetensorsWriter file) {}

  /** The names of the tensors that have a row, or a value, for each token id. */
  default Set<String> vocabularyTensors() {
    return Set.of();
  }

  /** Whether a start may lack this tensor, which then begins anew: heads, which objectives need. */
  default boolean mayLack(String tensor) {
    return false;
  }

  /** What the family calls its weight file. */
  default String weightFile() {
    return ModelFolder.WEIGHTS;
  }

  /** Frees the weights. */
  @Override
  void close();

  /**
   * The special tokens that a {@code config.json} names; -1 for none.
   *
   * @param begin begins a text
   * @param end ends a text
   * @param pad fills up; a decoder beside an encoder starts with it
   */
  record TokenIds(int begin, int end, int pad) {

    /** A vocabulary with one special token, which ends documents. */
    public static TokenIds ending(int endOfText) {
      return new TokenIds(endOfText, endOfText, -1);
    }

    /** Writes what is known. */
    void write(ObjectNode config) {
      if (begin >= 0) {
        config.put("bos_token_id", begin);
      }
      if (end >= 0) {
        config.put("eos_token_id", end);
      }
      if (pad >= 0) {
        config.put("pad_token_id", pad);
      }
    }
  }
}
