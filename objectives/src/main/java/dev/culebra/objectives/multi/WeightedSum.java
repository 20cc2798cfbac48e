package dev.culebra.objectives.multi;

import dev.culebra.models.nn.Model;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * Several objectives of one model at once: L = sum of lambda_i L_i. Each part reads its own batch,
 * and each of its terms keeps its own number of labels and is logged by its own name.
 */
public final class WeightedSum implements Objective<PartBatches, WeightedSum.PartSlots> {

  private final List<WeightedLoss<?, ?>> parts;
  private final List<Term> terms = new ArrayList<>();
  private final int[] firstTerms;

  /**
   * An objective and its weight.
   *
   * @param weight lambda; multiplies the weights of the objective's terms
   */
  public record WeightedLoss<B, S extends DeviceInputs<B>>(
      Objective<B, S> objective, double weight) {

    /**
     * Checks the weight.
     *
     * @throws BadInputException if it is negative or not a number
     */
    public WeightedLoss {
      if (!(weight >= 0 && Double.isFinite(weight))) {
        throw new BadInputException(
            Format.text(
                "%s has the weight %s in a sum of objectives: it must be at least 0",
                objective.terms().getFirst().name(), weight));
      }
    }
  }

  /**
   * A sum.
   *
   * @throws BadInputException if the parts train different models, all weights are 0, or two terms
   *     have the same name
   */
  public WeightedSum(List<WeightedLoss<?, ?>> parts) {
    this.parts = List.copyOf(parts);
    this.firstTerms = new int[parts.size()];
    for (int i = 0; i < parts.size(); i++) {
      WeightedLoss<?, ?> part = parts.get(i);
      firstTerms[i] = terms.size();
      if (weights(part) != weights(parts.getFirst())) {
        throw new BadInputException(
            Format.text(
                "objectives can be summed only if they train one model: %s trains another",
                part.objective.terms().getFirst().name()));
      }
      for (Term term : part.objective.terms()) {
        if (terms.stream().anyMatch(other -> other.name().equals(term.name()))) {
          throw new BadInputException(
              Format.text("a sum of objectives has two terms %s: name each once", term.name()));
        }
        terms.add(new Term(term.name(), term.weight() * part.weight));
      }
    }
    if (terms.stream().allMatch(term -> term.weight() == 0)) {
      throw new BadInputException(
          "the weights of a sum of objectives are all 0: give one that is positive");
    }
  }

  private static Parameters weights(WeightedLoss<?, ?> part) {
    return part.objective.model().parameters();
  }

  @Override
  public Model model() {
    return parts.getFirst().objective.model();
  }

  @Override
  public List<Term> terms() {
    return List.copyOf(terms);
  }

  /** The parts. */
  public List<WeightedLoss<?, ?>> parts() {
    return parts;
  }

  @Override
  public Units units() {
    return Units.ofAll(parts.stream().map(part -> part.objective.units()).toList());
  }

  @Override
  public long labels(PartBatches batch, int term) {
    int part = firstTerms.length - 1;
    while (firstTerms[part] > term) {
      part--;
    }
    return labels(parts.get(part), batch.part(part), term - firstTerms[part]);
  }

  private static <B> long labels(WeightedLoss<B, ?> part, B batch, int term) {
    return part.objective.labels(batch, term);
  }

  /** Of the parts that count what the first one does. */
  @Override
  public long inputs(PartBatches batch) {
    String counted = units().inputs();
    return IntStream.range(0, parts.size())
        .filter(i -> parts.get(i).objective.units().inputs().equals(counted))
        .mapToLong(i -> inputs(parts.get(i), batch.part(i)))
        .sum();
  }

  private static <B> long inputs(WeightedLoss<B, ?> part, B batch) {
    return part.objective.inputs(batch);
  }

  /** What the first part says that says something. */
  @Override
  public String idle(PartBatches batch) {
    return IntStream.range(0, parts.size())
        .mapToObj(i -> idle(parts.get(i), batch.part(i)))
        .filter(why -> !why.isEmpty())
        .findFirst()
        .orElse("");
  }

  private static <B> String idle(WeightedLoss<B, ?> part, B batch) {
    return part.weight == 0 ? "" : part.objective.idle(batch);
  }

  @Override
  public PartSlots slot(Device device, PartBatches like) {
    List<PartInputs<?, ?>> slots = new ArrayList<>();
    try {
      for (int i = 0; i < parts.size(); i++) {
        slots.add(slot(device, parts.get(i), like.part(i), firstTerms[i]));
      }
    } catch (RuntimeException e) {
      slots.forEach(PartInputs::close);
      throw e;
    }
    return new PartSlots(slots);
  }

  private static <B, S extends DeviceInputs<B>> PartInputs<B, S> slot(
      Device device, WeightedLoss<B, S> part, B like, int firstTerm) {
    return new PartInputs<>(device, part.objective, like, firstTerm);
  }

  @Override
  public void loss(Tape tape, PartSlots slots, Buffer stepValues) {
    slots.parts().forEach(slot -> slot.loss(tape, stepValues));
  }

  @Override
  public void updated(Buffer stepValues) {
    parts.forEach(part -> part.objective.updated(stepValues));
  }

  @Override
  public SequencedMap<String, Buffer> state() {
    SequencedMap<String, Buffer> all = new LinkedHashMap<>();
    for (WeightedLoss<?, ?> part : parts) {
      String name = part.objective.terms().getFirst().name();
      part.objective.state().forEach((key, buffer) -> all.put(name + "." + key, buffer));
    }
    return all;
  }

  /** The places of the parts' batches. */
  public static final class PartSlots implements DeviceInputs<PartBatches> {
    private final List<PartInputs<?, ?>> parts;

    private PartSlots(List<PartInputs<?, ?>> parts) {
      this.parts = List.copyOf(parts);
    }

    List<PartInputs<?, ?>> parts() {
      return parts;
    }

    @Override
    public void load(PartBatches batch) {
      for (int i = 0; i < parts.size(); i++) {
        parts.get(i).load(batch.part(i));
      }
    }

    @Override
    public void swap() {
      parts.forEach(PartInputs::swap);
    }

    @Override
    public List<Object> shape() {
      return parts.stream().map(PartInputs::shape).toList();
    }

    @Override
    public void close() {
      parts.forEach(PartInputs::close);
    }
  }
}
