package dev.culebra.models.dual;

import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.TowerInput.Texts;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an encoder of texts makes of a text's rows.
 *
 * @param pooled how they become one
 * @param longest most tokens of a text, those around it included; longer ones are cut
 * @param unit whether an embedding has unit length
 */
public record TextReading(Pooled pooled, int longest, boolean unit) {

  private static final String POOLING = "pooling";
  private static final String LONGEST = "max_seq_length";

  /** How rows become one, under the names of Sentence Transformers. */
  public enum Pooled {
    /** The mean of all rows. */
    MEAN("mean"),
    /** The first row. */
    CLS("cls"),
    /** The last row. */
    LAST("lasttoken");

    private final String id;

    Pooled(String id) {
      this.id = id;
    }

    /** Its name. */
    public String id() {
      return id;
    }

    /** All names, for complaints. */
    public static String names() {
      return Arrays.stream(values()).map(Pooled::id).collect(Collectors.joining(", "));
    }
  }

  /** What new encoders do. */
  static TextReading fresh(int context) {
    return new TextReading(Pooled.MEAN, context, true);
  }

  /** What a configuration of two encoders says. */
  public static TextReading read(ConfigFile config, int context) {
    String given = config.text(POOLING, Pooled.MEAN.id);
    for (Pooled pooled : Pooled.values()) {
      if (pooled.id.equals(given)) {
        return new TextReading(pooled, Math.min(context, config.count(LONGEST, context)), true);
      }
    }
    throw new BadInputException(
        Format.text(
            "%s: %s '%s' is not known; %s are", config.file(), POOLING, given, Pooled.names()));
  }

  /** Writes what {@link #fresh} is not. */
  void write(ObjectNode config, int context) {
    if (pooled != Pooled.MEAN) {
      config.put(POOLING, pooled.id);
    }
    if (longest < context) {
      config.put(LONGEST, longest);
    }
  }

  /** The same with embeddings of unit length, as training compares them. */
  public TextReading ofUnitLength() {
    return new TextReading(pooled, longest, true);
  }

  /** The embeddings of texts, N x C. */
  Tensor embed(Tape tape, String name, Tensor rows, Texts texts) {
    Tensor one =
        switch (pooled) {
          case MEAN -> Pooling.pool(tape, name + " means", rows, texts.texts(), texts.count());
          case CLS ->
              Pooling.gather(tape, name + " first", rows, texts.texts().start(), texts.count());
          case LAST -> Pooling.gather(tape, name + " last", rows, texts.last(), texts.count());
        };
    return unit ? Pooling.normalizeRows(tape, name, one) : one;
  }
}
