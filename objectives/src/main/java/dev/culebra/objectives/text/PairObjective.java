package dev.culebra.objectives.text;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.bert.Encoder;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A question of two answers about each sample, asked of an encoder's class token: whether one text
 * follows another, or in which order they stand. Beside tokens, {@link TokenObjective} asks it.
 */
public final class PairObjective implements Objective<PackedExamples, PackedInputs> {

  private final String name;
  private final Encoder model;

  /**
   * A question.
   *
   * @param model has a head for pairs of texts
   */
  public PairObjective(String name, Encoder model) {
    this.name = name;
    this.model = model;
  }

  @Override
  public Encoder model() {
    return model;
  }

  @Override
  public List<Term> terms() {
    return List.of(new Term(name, 1));
  }

  @Override
  public Units units() {
    return Units.TOKENS.labelled("pairs");
  }

  @Override
  public long labels(PackedExamples batch, int term) {
    return Arrays.stream(batch.labels()).filter(label -> label != Batch.IGNORE).count();
  }

  @Override
  public long inputs(PackedExamples batch) {
    return batch.encoder().rows();
  }

  @Override
  public PackedInputs slot(Device device, PackedExamples like) {
    return new PackedInputs(device, like, model);
  }

  @Override
  public void loss(Tape tape, PackedInputs slot, Buffer stepValues) {
    Tensor rows = model.encode(tape, slot.input().encoder());
    Tensor samples = model.forPair(tape, rows, slot.input());
    model.pairHead().loss(tape, samples, slot.samples(), LossTerm.of(stepValues, 0), null);
  }
}
