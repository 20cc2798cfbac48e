package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.objectives.pairs.PairLoss.Form;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Noise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * Embeddings of pairs that are to find each other among all others of the batch.
 *
 * <p>A batch of several chunks takes no more memory for activations than one chunk does (GradCache;
 * Gao et al. 2021, ar, for all are of one group or fitiv:2101.06983): all are embedded without a
 * tape, the loss gives the gradient of every embedding, and each chunk is embedded again on a tape
 * of its own that takes this gradient back into the weights. The result is that of one chunk, but
 * for rounding.
 */
public final class ContrastiveObjective implements Objective<PairBatch, PairInputs> {

  private final DualEncoder model;
  private final PairLoss loss;
  private final Guide guide;
  private final List<Term> terms;

  /**
   * A frozen model that tells which pairs are too similar to be negatives (GISTEmbed; Solatorio
   * 2024, ar, for all are of one group or fitiv:2402.16829): those more similar than the positive
   * less the margin.
   *
   * @param model reads what the trained model reads; the caller closes it
   */
  public record Guide(DualEncoder model, float margin) {}

  /**
   * An objective.
   *
   * @param name of its term
   * @param guide null for none
   * @throws IllegalArgumentException if the loss needs a bias that the model lacks
   */
  public ContrastiveObjective(String name, DualEncoder model, PairLoss loss, Guide guide) {
    if (loss.form() == Form.SIGMOID && model.logits().bias() == null) {
      throw new IllegalArgumentException("the sigmoid loss needs a model with a bias of logits");
    }
    this.model = model;
    this.loss = loss;
    this.guide = guide;
    this.terms = List.of(new Term(name, 1));
  }

  private enum Side {
    LEFT,
    RIGHT
  }

  @Override
  public DualEncoder model() {
    return model;
  }

  @Override
  public List<Term> terms() {
    return terms;
  }

  @Override
  public Units units() {
    return Units.PAIRS;
  }

  /** Pairs. */
  @Override
  public long labels(PairBatch batch, int term) {
    return batch.count();
  }

  /** Pairs. */
  @Override
  public long inputs(PairBatch batch) {
    return batch.count();
  }

  @Override
  public String idle(PairBatch batch) {
    return withoutNegatives(batch);
  }

  /** Says that no pair of a batch has a negative, if so. */
  static String withoutNegatives(PairBatch batch) {
    return batch.negatives() == 0 && batch.count() > 1
        ? Format.text(
            "a batch of %s has no negative for any of them, for all are of one group or fit each"
                + " other: it teaches nothing; give more various pairs or set a larger"
                + " batch.sequences",
            Format.count(batch.count(), "pairs"))
        : "";
  }

  @Override
  public PairInputs slot(Device device, PairBatch like) {
    return new PairInputs(device, like, model);
  }

  @Override
  public void loss(Tape tape, PairInputs slot, Buffer stepValues) {
    try (Tape still = Tape.forwardOnly(tape.device())) {
      loss(tape, slot, negatives(still, slot), LossTerm.of(stepValues, 0));
    }
  }

  /** By group, by list, and by the guide's embeddings, which live as long as the tape. */
  private Negatives negatives(Tape still, PairInputs slot) {
    Negatives listed = slot.negatives();
    if (guide == null) {
      return listed;
    }
    Tensor q = together(still, guide.model, Side.LEFT, slot.left(), slot.pairs());
    Tensor k = together(still, guide.model, Side.RIGHT, slot.right(), slot.keys());
    Negatives.Guide asked = new Negatives.Guide(q.matrix(), k.matrix(), guide.margin, false);
    return new Negatives(listed.groups(), asked, listed.exceptions());
  }

  private void loss(Tape tape, PairInputs slot, Negatives negatives, LossTerm term) {
    List<EncoderInputs> left = slot.left();
    List<EncoderInputs> right = slot.right();
    if (left.size() == 1 && right.size() == 1) {
      Tensor q = embed(tape, model, Side.LEFT, left.getFirst().input());
      Tensor k = embed(tape, model, Side.RIGHT, right.getFirst().input());
      loss.compare(tape, q, k, model.logits(), negatives, term);
      return;
    }
    Device device = tape.device();
    try (Tape middle = tape.recording() ? Tape.recording(device) : Tape.forwardOnly(device)) {
      middle.with(tape.noise());
      Tensor q = together(middle, model, Side.LEFT, left, slot.pairs());
      Tensor k = together(middle, model, Side.RIGHT, right, slot.keys());
      loss.compare(middle, q, k, model.logits(), negatives, term);
      if (tape.recording()) {
        middle.backward();
        backward(tape, Side.LEFT, left, middle.gradient(q));
        backward(tape, Side.RIGHT, right, middle.gradient(k));
      }
    }
  }

  private static Tensor embed(Tape tape, DualEncoder by, Side side, TowerInput input) {
    return side == Side.LEFT ? by.left(tape, input) : by.right(tape, input);
  }

  /** All embeddings of a side, on which the tape has nothing but their values. */
  private static Tensor together(
      Tape tape, DualEncoder by, Side side, List<EncoderInputs> chunks, long count) {
    Tensor all = tape.tensor("embeddings", count, by.dimension());
    long from = 0;
    for (int i = 0; i < chunks.size(); i++) {
      try (Tape one = Tape.forwardOnly(tape.device()).with(noise(tape, side, i))) {
        Tensor some = embed(one, by, side, chunks.get(i).input());
        tape.kernels().copyRows(all.matrix().rows(from, some.rows()), some.matrix(), false);
        from += some.rows();
      }
    }
    return all;
  }

  /** What a chunk drops, the same whenever it is embedded. */
  private static Noise noise(Tape tape, Side side, int chunk) {
    return tape.noise() == null ? null : tape.noise().part(2 * chunk + side.ordinal());
  }

  /** Embeds each chunk again and takes the gradient of its embeddings back into the weights. */
  private void backward(Tape tape, Side side, List<EncoderInputs> chunks, Buffer gradient) {
    long from = 0;
    for (int i = 0; i < chunks.size(); i++) {
      try (Tape one = Tape.recording(tape.device()).with(noise(tape, side, i))) {
        Tensor some = embed(one, model, side, chunks.get(i).input());
        Buffer part = gradient.slice(from * some.width(), some.rows() * some.width());
        one.record("cached gradient", () -> one.pass(some, part), List.of());
        one.backward();
        from += some.rows();
      }
    }
  }

  /** Keeps the temperature in its range. */
  @Override
  public void updated(Buffer stepValues) {
    loss.keep(model);
  }
}
