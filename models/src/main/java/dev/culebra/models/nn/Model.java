package dev.culebra.models.nn;

import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.tensor.Parameters;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
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

  /** Whether a tensor that this model {@link #ignores} would say something unless it is zeros. */
  default boolean mustBeZero(String tensor) {
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

  /**
   * Further names under which this tensor is written for classes that want to find something there,
   * which is not read here.
   */
  default List<String> writtenAgain(String tensor) {
    return List.of();
  }

  /** Further names under which a weight file may hold this tensor, instead or beside: tied ones. */
  default List<String> ties(String tensor) {
    return List.of();
  }

  /**
   * The tensor that serves where a file lacks this one, or null: transformers leaves out an output
   * matrix that is the embedding.
   */
  default String substitute(String tensor) {
    return null;
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
    return "model.safetensors";
  }

  /** Frees the weights. */
  @Override
  void close();

  /**
   * The special tokens that a {@code config.json} names; -1 for none.
   *
   * @param begin begins a text
   * @param ends end a text, the first one a document
   * @param pad fills up
   * @param decoderStart what a decoder beside an encoder starts with
   */
  record TokenIds(int begin, List<Integer> ends, int pad, int decoderStart) {

    /** No special tokens. */
    public static final TokenIds NONE = new TokenIds(-1, List.of(), -1, -1);

    /** Copies the list. */
    public TokenIds {
      ends = List.copyOf(ends);
    }

    /** A vocabulary with one special token, which ends documents. */
    public static TokenIds ending(int endOfText) {
      return new TokenIds(endOfText, List.of(endOfText), -1, -1);
    }

    /** Writes what is known. */
    public void write(ObjectNode config) {
      put(config, "bos_token_id", begin);
      if (ends.size() == 1) {
        config.put("eos_token_id", ends.getFirst());
      } else if (!ends.isEmpty()) {
        ArrayNode list = config.putArray("eos_token_id");
        ends.forEach(list::add);
      }
      put(config, "pad_token_id", pad);
      put(config, "decoder_start_token_id", decoderStart);
    }

    private static void put(ObjectNode config, String key, int id) {
      if (id >= 0) {
        config.put(key, id);
      }
    }
  }
}
