package dev.culebra.objectives.text;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.bert.Encoder;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Tokens asked of labelled rows: next tokens, masked ones, spans, originals, continuations. Which,
 * is the corruption's business. The loss is the cross entropy of every labelled row, and where an
 * encoder has a head for pairs of texts, also that of every labelled sample.
 */
public final class TokenObjective implements Objective<PackedExamples, PackedInputs> {

  private final TokenModel model;
  private final LanguageHead head;
  private final List<Term> terms;
  private final Encoder pairs;

  /**
   * Tokens alone.
   *
   * @param name of the objective
   * @param options label smoothing and z-loss
   * @param budget bytes that a chunk of logits may take
   */
  public TokenObjective(String name, TokenModel model, CrossEntropy options, long budget) {
    this(model, List.of(new Term(name, 1)), options, budget);
  }

  /**
   * Tokens, and where there is a second term, a question about each sample.
   *
   * @throws BadInputException if samples are asked of a model without a head for them
   */
  public TokenObjective(TokenModel model, List<Term> terms, CrossEntropy options, long budget) {
    this.model = model;
    this.terms = List.copyOf(terms);
    this.head = model.head(options, budget);
    boolean asksSamples = terms.size() > 1;
    if (asksSamples && !(model instanceof Encoder encoder && encoder.pairHead() != null)) {
      throw new BadInputException(
          Format.text(
              "%s asks about pairs of texts, which needs an encoder with a head for them; this is"
                  + " %s",
              terms.get(1).name(), model.description()));
    }
    this.pairs = asksSamples ? (Encoder) model : null;
  }

  @Override
  public TokenModel model() {
    return model;
  }

  /** The output matrix. */
  public LanguageHead head() {
    return head;
  }

  @Override
  public List<Term> terms() {
    return terms;
  }

  @Override
  public Units units() {
    return pairs == null ? Units.TOKENS : Units.TEXTS;
  }

  /** The side of a batch whose rows are asked. */
  public Batch asked(PackedExamples batch) {
    return model.architecture() == Architecture.ENCODER ? batch.encoder() : batch.decoder();
  }

  @Override
  public long labels(PackedExamples batch, int term) {
    return term == 0
        ? asked(batch).labelCount()
        : Arrays.stream(batch.labels()).filter(label -> label != Batch.IGNORE).count();
  }

  @Override
  public long inputs(PackedExamples batch) {
    return switch (model.architecture()) {
      case ENCODER -> batch.encoder().rows();
      case DECODER -> batch.decoder().rows();
      case ENCODER_DECODER -> (long) batch.encoder().rows() + batch.decoder().rows();
    };
  }

  @Override
  public PackedInputs slot(Device device, PackedExamples like) {
    return new PackedInputs(device, like, model);
  }

  @Override
  public void loss(Tape tape, PackedInputs slot, Buffer stepValues) {
    loss(tape, slot, stepValues, null);
  }

  /**
   * As {@link #loss(Tape, PackedInputs, Buffer)}.
   *
   * @param rowLoss F32: receives each labelled row's loss; null if nobody wants them
   */
  public void loss(Tape tape, PackedInputs slot, Buffer stepValues, Buffer rowLoss) {
    loss(tape, slot, rows(tape, slot), stepValues, rowLoss);
  }

  /** Rows as the heads want them; of samples only where they are asked. */
  private record Rows(Tensor tokens, Tensor samples) {}

  private Rows rows(Tape tape, PackedInputs slot) {
    if (pairs == null) {
      return new Rows(model.forward(tape, slot.input()), null);
    }
    Tensor rows = pairs.encode(tape, slot.input().encoder());
    return new Rows(pairs.forToken(tape, rows), pairs.forPair(tape, rows, slot.input()));
  }

  private void loss(Tape tape, PackedInputs slot, Rows rows, Buffer stepValues, Buffer rowLoss) {
    head.loss(tape, rows.tokens, slot.labels(), LossTerm.of(stepValues, 0), rowLoss);
    if (pairs != null) {
      LossTerm term = LossTerm.of(stepValues, 1);
      pairs.pairHead().loss(tape, rows.samples, slot.samples(), term, null);
    }
  }

  /**
   * How many labels a model puts first.
   *
   * @param tokens of labelled rows
   * @param samples of labelled samples
   */
  public record Hits(long tokens, long samples) {}

  /**
   * Adds the losses of the batch in place as {@link #loss(Tape, PackedInputs, Buffer)} does, and
   * counts which of its labels the model puts first.
   *
   * @param counts which labels are counted
   */
  public Hits hits(
      Tape tape, PackedInputs slot, PackedExamples batch, Buffer stepValues, IntPredicate counts) {
    Rows rows = rows(tape, slot);
    loss(tape, slot, rows, stepValues, null);
    Batch asked = asked(batch);
    int[] targets =
        IntStream.range(0, asked.labelCount())
            .map(i -> asked.labels()[asked.labelPositions()[i]])
            .map(label -> counts.test(label) ? label : Batch.IGNORE)
            .toArray();
    long tokens = head.hits(tape, rows.tokens, slot.labels(), targets);
    long samples =
        pairs == null
            ? 0
            : pairs.pairHead().hits(tape, rows.samples, slot.samples(), batch.labels());
    return new Hits(tokens, samples);
  }
}
