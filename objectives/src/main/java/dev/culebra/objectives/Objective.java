package dev.culebra.objectives;

import dev.culebra.models.nn.Model;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Tape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a model is asked of batches, as a sum of terms: L = sum of weight x mean over the term's
 * labels. Means are over the labels of all micro-batches of a step, never means of means.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on a device
 */
public interface Objective<B, S extends DeviceInputs<B>> {

  /**
   * A term of the loss.
   *
   * @param name in metrics
   * @param weight its factor, at least 0
   */
  record Term(String name, double weight) {

    /** Checks the weight. */
    public Term {
      if (!(weight >= 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException("term " + name + " has the weight " + weight);
      }
    }
  }

  /** The model. */
  Model model();

  /** The terms, at most as many as a step has values for. */
  List<Term> terms();

  /** What inputs and labels are, and what the loss is measured in. */
  Units units();

  /** How many labels a batch has for term {@code term}. */
  long labels(B batch, int term);

  /** How many inputs a batch has, for the speed: rows of text, pairs, or images. */
  long inputs(B batch);

  /** Why a batch teaches nothing of a term although it has labels; empty if it teaches all. */
  default String idle(B batch) {
    return "";
  }

  /** A place on {@code device} for batches of the size of {@code like}. */
  S slot(Device device, B like);

  /**
   * Adds the losses of the batch in place to the step's terms: scaled, with gradients, on a
   * recording tape; their plain sums else.
   *
   * @param stepValues see {@link dev.culebra.runtime.kernel.StepValues}
   */
  void loss(Tape tape, S slot, Buffer stepValues);

  /** Operations after each update of the weights: a temperature kept in its range. */
  default void updated(Buffer stepValues) {}

  /** What a checkpoint must keep beside weights and moments, by name; all F32. */
  default SequencedMap<String, Buffer> state() {
    return new LinkedHashMap<>();
  }
}
