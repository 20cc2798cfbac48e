package dev.culebra.objectives.text;

import dev.culebra.models.electra.Electra;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Replaced token detection (Clark et al. 2020, arXiv:2003.10555): a generator learns to fill masks;
 * tokens drawn from what it says stand in the text that the discriminator reads, which tells of
 * every token whether it was replaced. L = L_generator + 50 L_discriminator; nothing flows back
 * through the draw.
 */
public final class ElectraObjective implements Objective<PackedExamples, ElectraInputs> {

  private static final double DISCRIMINATOR = 50;

  private final Electra model;
  private final LanguageHead head;

  /**
   * An objective.
   *
   * @param budget bytes that a chunk of logits may take
   */
  public ElectraObjective(Electra model, CrossEntropy options, long budget) {
    this.model = model;
    this.head = model.head(options, budget);
  }

  @Override
  public Electra model() {
    return model;
  }

  @Override
  public List<Term> terms() {
    return List.of(new Term("generator", 1), new Term("discriminator", DISCRIMINATOR));
  }

  @Override
  public Units units() {
    return Units.TOKENS;
  }

  @Override
  public long labels(PackedExamples batch, int term) {
    return term == 0
        ? batch.encoder().labelCount()
        : IntStream.range(0, batch.encoder().rows())
            .filter(row -> ElectraInputs.isReal(batch.encoder(), row))
            .count();
  }

  @Override
  public long inputs(PackedExamples batch) {
    return batch.encoder().rows();
  }

  @Override
  public ElectraInputs slot(Device device, PackedExamples like) {
    return new ElectraInputs(device, like, model);
  }

  @Override
  public void loss(Tape tape, ElectraInputs slot, Buffer stepValues) {
    discriminated(tape, slot, stepValues);
  }

  /** Adds both losses; returns what the discriminator makes of its rows. */
  private Tensor discriminated(Tape tape, ElectraInputs slot, Buffer stepValues) {
    Tensor masked = model.forward(tape, slot.input());
    head.loss(tape, masked, slot.labels(), LossTerm.of(stepValues, 0), null);
    int stream = tape.noise() == null ? 0 : tape.noise().stream();
    head.sample(tape, masked, slot.labels(), stream, stepValues, slot.ids(), slot.replaced());
    Tensor rows = model.discriminate(tape, slot.rows());
    model.answers().loss(tape, rows, slot.replaced(), LossTerm.of(stepValues, 1));
    return rows;
  }

  /**
   * What the discriminator says of the batch in place, for evaluation.
   *
   * @param logits one per row: positive for replaced
   * @param replaced 0, 1, or {@link CrossEntropy#IGNORE}
   * @param ids what it read
   */
  public record Answers(float[] logits, int[] replaced, int[] ids) {}

  /** Adds the losses of the batch in place as {@link #loss} does; returns the answers to it. */
  public Answers answers(Tape tape, ElectraInputs slot, Buffer stepValues) {
    Tensor rows = discriminated(tape, slot, stepValues);
    float[] logits = model.answers().logits(tape, rows);
    int[] replaced = new int[logits.length];
    int[] ids = new int[logits.length];
    tape.device().download(MemorySegment.ofArray(replaced), slot.replaced());
    tape.device().download(MemorySegment.ofArray(ids), slot.ids());
    return new Answers(logits, replaced, ids);
  }
}
