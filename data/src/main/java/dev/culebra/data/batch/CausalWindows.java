package dev.culebra.data.batch;

import dev.culebra.data.token.TokenView;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * Training windows of a text, each once per epoch, in an order drawn anew for each epoch.
 *
 * <p>Their order is that of {@link WindowOrder}; step s takes samples from {@code s x microBatches
 * x sequences}. All of it is computed from (seed, epoch, index): nothing needs to be remembered to
 * resume. How a step is divided into micro-batches does not change which samples it takes. One
 * thread at a time.
 */
public final class CausalWindows implements TrainingBatches<Batch> {
  private final CausalOptions options;
  private final int microBatches;
  private final WindowPacker packer;
  private final WindowOrder order;
  private final List<CausalWindows> texts;
  private final BlendOrder blend;

  /**
   * Windows of {@code tokens}.
   *
   * @param microBatches how many micro-batches one step takes
   * @throws BadInputException if the text is shorter than one window
   */
  public CausalWindows(TokenView tokens, CausalOptions options, int microBatches, long seed) {
    int context = options.context();
    if (microBatches < 1) {
      throw new BadInputException("A step needs at least one micro-batch, not " + microBatches);
    }
    if (tokens.size() <= context) {
      throw new BadInputException(
          Format.text(
              "The training text has %s, fewer than one context of %d and the next token: give more"
                  + " text or a shorter context",
              Format.count(tokens.size(), "tokens"), context));
    }
    this.options = options;
    this.microBatches = microBatches;
    this.packer = new WindowPacker(tokens, options);
    this.order = new WindowOrder(tokens.size(), context, seed);
    this.texts = List.of(this);
    this.blend = new BlendOrder(1);
  }

  /** How many windows an epoch has. */
  public long windowsPerEpoch() {
    return order.windows();
  }

  /** How many epochs have passed before a step. */
  public double epochs(long step) {
    return (double) firstSample(step, 0) / order.windows();
  }

  @Override
  public Batch newBatch() {
    return new Batch(options.sequences(), options.context());
  }

  @Override
  public int microBatches() {
    return microBatches;
  }

  @Override
  public void fill(long step, int microBatch, Batch target) {
    if (step < 0 || microBatch < 0 || microBatch >= microBatches) {
      throw new IndexOutOfBoundsException(
          Format.text("Step %d, micro-batch %d of %d", step, microBatch, microBatches));
    }
    target.begin();
    long first = firstSample(step, microBatch);
    for (int i = 0; i < options.sequences(); i++) {
      Blend.Pick pick = blend.at(first + i);
      texts.get(pick.source()).add(pick.index(), target);
    }
    target.finish();
  }

  /** Adds one window. */
  private void add(long sample, Batch target) {
    packer.pack(order.start(sample), options.context(), target);
  }

  /**
   * Windows of several texts in fixed proportions.
   *
   * @param texts of equal options and micro-batches
   * @param weights their proportions: see {@link Blend}
   */
  public static CausalWindows blended(List<CausalWindows> texts, double... weights) {
    return new CausalWindows(texts, new BlendOrder(weights));
  }

  private CausalWindows(List<CausalWindows> texts, BlendOrder blend) {
    CausalWindows first = texts.getFirst();
    this.options = first.options;
    this.microBatches = first.microBatches;
    this.packer = first.packer;
    this.order = first.order;
    this.texts = List.copyOf(texts);
    this.blend = blend;
  }

  private long firstSample(long step, int microBatch) {
    long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
    return Math.multiplyExact(batch, options.sequences());
  }
}
