package dev.culebra.objectives.pairs;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.nn.TowerInput;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Captions written beside their images; and by the same towers, pairs that find each other and
 * masked tokens that are guessed with the image's help. With contrast and captions alone, weighted
 * 1 and 2, it is CoCa's (Yu et al. 2022, arXiv:2205.01917). Each term has labels of its own: pairs,
 * or tokens. Padding is never scored, whatever its id.
 */
public final class CaptionObjective implements Objective<CaptionBatch, CaptionInputs> {

  /** What may be asked. */
  public enum Loss {
    /** Images and captions find each other. */
    CONTRASTIVE("contrastive"),
    /** The next token of a caption. */
    CAPTION("caption"),
    /** Masked tokens of a caption. */
    MASKED("masked");

    private final String term;

    Loss(String term) {
      this.term = term;
    }

    /** Its name in metrics. */
    public String term() {
      return term;
    }
  }

  private final ImageTextEncoder model;
  private final PairLoss loss;
  private final LanguageHead head;
  private final List<Loss> parts = new ArrayList<>();
  private final List<Term> terms = new ArrayList<>();

  /**
   * An objective.
   *
   * @param weights of the parts, in their order; those of weight 0 are left out
   * @throws BadInputException if nothing is asked, or the model writes no captions
   */
  public CaptionObjective(ImageTextEncoder model, PairLoss loss, List<Double> weights) {
    if (!model.captions()) {
      throw new BadInputException(
          "captions need a model that writes them, not " + model.description());
    }
    this.model = model;
    this.loss = loss;
    this.head = model.captionHead(CrossEntropy.PLAIN, 1 << 25);
    for (Loss part : Loss.values()) {
      if (weights.get(part.ordinal()) > 0) {
        parts.add(part);
        terms.add(new Term(part.term, weights.get(part.ordinal())));
      }
    }
    if (parts.isEmpty()) {
      throw new BadInputException("every weight of the loss is 0: set caption.weight above it");
    }
  }

  @Override
  public ImageTextEncoder model() {
    return model;
  }

  /** What is asked, in the order of the terms. */
  public List<Loss> parts() {
    return List.copyOf(parts);
  }

  @Override
  public List<Term> terms() {
    return List.copyOf(terms);
  }

  @Override
  public Units units() {
    return Units.ofAll(
        parts.stream()
            .map(part -> part == Loss.CONTRASTIVE ? Units.PAIRS : Units.PAIRS.labelled("tokens"))
            .toList());
  }

  @Override
  public long labels(CaptionBatch batch, int term) {
    return switch (parts.get(term)) {
      case CONTRASTIVE -> batch.pairs().count();
      case CAPTION -> batch.captions().rows().labelCount();
      case MASKED -> batch.masked().rows().labelCount();
    };
  }

  /** As its contrast, if it has one. */
  @Override
  public String idle(CaptionBatch batch) {
    return parts.contains(Loss.CONTRASTIVE)
        ? ContrastiveObjective.withoutNegatives(batch.pairs())
        : "";
  }

  /** Images with their captions. */
  @Override
  public long inputs(CaptionBatch batch) {
    return batch.pairs().count();
  }

  @Override
  public CaptionInputs slot(Device device, CaptionBatch like) {
    return new CaptionInputs(device, like, model);
  }

  @Override
  public void loss(Tape tape, CaptionInputs slot, Buffer stepValues) {
    loss(tape, slot, stepValues, null, _ -> true);
  }

  /**
   * Adds the losses of the batch in place as {@link #loss} does, and counts how many of each part's
   * tokens the model puts first.
   *
   * @return one count for each of {@link #parts}; 0 for pairs
   */
  public long[] hits(Tape tape, CaptionInputs slot, CaptionBatch batch, Buffer stepValues) {
    return hits(tape, slot, batch, stepValues, _ -> true);
  }

  /**
   * The same.
   *
   * @param counts which tokens are counted
   */
  public long[] hits(
      Tape tape, CaptionInputs slot, CaptionBatch batch, Buffer stepValues, IntPredicate counts) {
    return loss(tape, slot, stepValues, batch, counts);
  }

  /** Adds the losses; counts hits in a batch unless it is null. */
  private long[] loss(
      Tape tape, CaptionInputs slot, Buffer stepValues, CaptionBatch counted, IntPredicate counts) {
    Seen seen = see(tape, slot);
    long[] hits = new long[parts.size()];
    for (int i = 0; i < hits.length; i++) {
      LossTerm term = LossTerm.of(stepValues, i);
      Loss part = parts.get(i);
      if (part == Loss.CONTRASTIVE) {
        Tensor q = model.images(tape, seen.input, seen.images);
        Tensor k = model.texts(tape, slot.captions().input(), seen.captions);
        loss.compare(tape, q, k, model.logits(), slot.pairs().negatives(), term);
        continue;
      }
      boolean caption = part == Loss.CAPTION;
      Tensor rows = caption ? captions(tape, slot, seen) : masked(tape, slot, seen);
      LanguageHead.Labels labels = (caption ? slot.captions() : slot.masked()).rows().labels();
      head.loss(tape, rows, labels, term, null);
      if (counted != null) {
        TextBatch texts = caption ? counted.captions() : counted.masked();
        hits[i] = head.hits(tape, rows, labels, targets(texts.rows(), counts));
      }
    }
    return hits;
  }

  /** Rows of images, and of captions if anything is asked of them. */
  private record Seen(TowerInput.Images input, Tensor images, Tensor captions) {}

  private Seen see(Tape tape, CaptionInputs slot) {
    TowerInput.Images input = (TowerInput.Images) slot.pairs().left().getFirst().input();
    Tensor images = model.imageRows(tape, input);
    boolean reads = parts.contains(Loss.CAPTION) || parts.contains(Loss.CONTRASTIVE);
    return new Seen(input, images, reads ? model.textRows(tape, slot.captions().input()) : null);
  }

  private Tensor captions(Tape tape, CaptionInputs slot, Seen seen) {
    return read(tape, slot.captions(), seen.captions, seen.images);
  }

  private Tensor masked(Tape tape, CaptionInputs slot, Seen seen) {
    Tensor rows = model.textRows(tape, slot.masked().input());
    return read(tape, slot.masked(), rows, seen.images);
  }

  private Tensor read(Tape tape, CaptionInputs.Text text, Tensor rows, Tensor images) {
    return model.captionRows(tape, rows, text.input().rows().intervals(), images, text.cross());
  }

  private static int[] targets(Batch rows, IntPredicate counts) {
    return IntStream.range(0, rows.labelCount())
        .map(i -> rows.labels()[rows.labelPositions()[i]])
        .map(label -> counts.test(label) ? label : Batch.IGNORE)
        .toArray();
  }

  @Override
  public void updated(Buffer stepValues) {
    if (parts.contains(Loss.CONTRASTIVE)) {
      loss.keep(model);
    }
  }
}
