package dev.culebra.objectives.architecture;

import dev.culebra.objectives.architecture.EncoderShape.Heading;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.tensor.WeightFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A trained model as the beginning of another run, perhaps with another vocabulary or other heads.
 *
 * <p>Rows of the embedding and of the output matrix are carried over by token; a token that the
 * model does not know begins with the mean of all old rows, as transformers' {@code mean_resizing}
 * has it in the mean. Heads that the model lacks begin as those of a new one.
 *
 * @param vocabulary how many ids the new tokenizer has
 * @param origin the old id of a new one, or {@link #NEW}
 * @param heading what an encoder shall be asked; others ignore it
 * @param seed of new heads
 * @param note is told what is not as it was
 */
public record TrainedStart(
    int vocabulary, IntUnaryOperator origin, Heading heading, long seed, Consumer<String> note) {

  /** No old id. */
  public static final int NEW = -1;

  /**
   * Reads the model in {@code folder}.
   *
   * @param purpose what needs it, for complaints
   * @throws BadInputException if it is not a model of tokens
   */
  public TokenModel load(Path folder, Device device, String purpose) {
    ConfigFile config = ModelFolder.config(folder);
    int before = config.count("vocab_size", vocabulary);
    int[] rows = rows(before);
    if (!(ModelFolder.allocate(device, config, rows.length, heading) instanceof TokenModel model)) {
      throw new BadInputException(
          "%s holds a model of the kind %s, which %s cannot begin with"
              .formatted(folder, config.modelType(), purpose));
    }
    try (Safetensors file = Safetensors.open(folder.resolve(ModelFolder.WEIGHTS))) {
      model.parameters().initialize(seed);
      List<String> missing = new ArrayList<>();
      WeightFile.load(
          device,
          model.parameters(),
          file,
          new WeightFile.Names(
              model.optionalPrefix(), model::ignores, model::mayLack, missing::add, model::copies),
          new WeightFile.Rows(model.vocabularyTensors(), rows));
      if (!missing.isEmpty()) {
        note.accept("model.from has no " + String.join(", ", missing) + ": these begin anew");
      }
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The old row of each new one; what the old tokenizer left unused is kept if nothing moves. */
  private int[] rows(int before) {
    int[] rows = IntStream.range(0, vocabulary).map(id -> known(id, before)).toArray();
    boolean moved = IntStream.range(0, Math.min(before, vocabulary)).anyMatch(i -> rows[i] != i);
    long added = IntStream.of(rows).filter(row -> row == NEW).count();
    if (moved) {
      note.accept(
          "model.from has another tokenizer: %,d of %,d ids keep their rows, by token"
              .formatted(vocabulary - added, vocabulary));
    } else if (added > 0) {
      note.accept("model.from gets %,d new token ids, which begin as the mean".formatted(added));
    }
    return moved || vocabulary >= before ? rows : IntStream.range(0, before).toArray();
  }

  private int known(int id, int before) {
    int old = origin.applyAsInt(id);
    return old < before ? old : NEW;
  }
}
