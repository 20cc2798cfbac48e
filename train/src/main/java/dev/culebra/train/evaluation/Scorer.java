package dev.culebra.train.evaluation;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Scores held-out batches with a model. Threads take turns. */
public final class Scorer<B, S extends DeviceInputs<B>> implements AutoCloseable {

  /**
   * Mean losses of an objective's terms.
   *
   * @param terms mean loss of each term; 0 where a term has no label
   * @param labels how many labels each term had
   * @param loss their weighted sum
   */
  public record Score(List<Double> terms, List<Long> labels, double loss) {

    /** Labels of all terms. */
    public long count() {
      return labels.stream().mapToLong(Long::longValue).sum();
    }
  }

  private final Device device;
  private final Objective<B, S> objective;
  private final B host;
  private final S slot;
  private final Buffer stepValues;
  private final float[] values = new float[StepValues.COUNT];

  /** A scorer for batches of the size of {@code like}, which it fills. */
  public Scorer(Device device, Objective<B, S> objective, B like) {
    this.device = device;
    this.objective = objective;
    this.host = like;
    try (Turns.Turn _ = device.turn()) {
      this.slot = objective.slot(device, like);
      this.stepValues = device.allocate("evaluation values", DType.F32, StepValues.COUNT);
    }
  }

  /** Adds the losses of a batch in place, and perhaps counts something beside. */
  public interface Reading<B, S> {
    /** As {@link Objective#loss}; {@code host} is what lies in {@code slot}. */
    void read(Tape tape, S slot, B host, Buffer stepValues);
  }

  /**
   * Scores the source's batches, from the first on, until at least {@code atLeast} labels are
   * scored or there are no more.
   */
  public Score score(EvaluationBatches<B> source, long atLeast) {
    return score(source, atLeast, (tape, slot, host, values) -> objective.loss(tape, slot, values));
  }

  /** Scores all of the source's batches that have labels, each read once. */
  public Score score(EvaluationBatches<B> source, Reading<B, S> reading) {
    return score(source, Long.MAX_VALUE, reading);
  }

  private Score score(EvaluationBatches<B> source, long atLeast, Reading<B, S> reading) {
    List<Term> terms = objective.terms();
    double[] sums = new double[terms.size()];
    long[] labels = new long[terms.size()];
    long all = 0;
    for (long i = 0; i < source.batches() && all < atLeast; i++) {
      source.fill(i, host);
      long before = all;
      for (int term = 0; term < labels.length; term++) {
        long count = objective.labels(host, term);
        labels[term] += count;
        all += count;
      }
      if (all == before) {
        continue;
      }
      try (Turns.Turn _ = device.turn();
          Tape tape = Tape.forwardOnly(device)) {
        slot.load(host);
        slot.swap();
        device.kernels().fill(stepValues, 0);
        reading.read(tape, slot, host, stepValues);
        device.download(MemorySegment.ofArray(values), stepValues);
      }
      for (int term = 0; term < sums.length; term++) {
        sums[term] += values[StepValues.LOSS + term];
      }
    }
    return mean(terms, sums, labels);
  }

  private static Score mean(List<Term> terms, double[] sums, long[] labels) {
    Double[] means = new Double[sums.length];
    Long[] counts = new Long[sums.length];
    double loss = 0;
    for (int term = 0; term < sums.length; term++) {
      counts[term] = labels[term];
      means[term] = labels[term] == 0 ? 0 : sums[term] / labels[term];
      loss += terms.get(term).weight() * means[term];
    }
    return new Score(List.of(means), List.of(counts), loss);
  }

  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      slot.close();
      stepValues.release();
    }
  }
}
