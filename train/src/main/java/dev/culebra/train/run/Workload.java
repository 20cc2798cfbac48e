package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.models.nn.Model;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.setup.DatasetInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What a recipe comes to: a model, what it is asked, and of which data. Closing it frees both.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on a device
 */
public interface Workload<B, S extends DeviceInputs<B>> extends AutoCloseable {

  /**
   * Something that the model made, for people.
   *
   * @param title what it is
   * @param text as lines
   */
  record SampleOutput(String title, String text) {}

  /**
   * A command that uses the model, without the program and the folder.
   *
   * @param arguments what follows the folder
   */
  record Use(String command, List<String> arguments) {

    /** Copies the list. */
    public Use {
      arguments = List.copyOf(arguments);
    }
  }

  /** What is asked of the model. */
  Objective<B, S> objective();

  /** The model. */
  default Model model() {
    return objective().model();
  }

  /** Batches to train on; each caller gets its own. */
  TrainingBatches<B> training();

  /** Batches to evaluate on; each caller gets its own. */
  EvaluationBatches<B> heldOut();

  /** The data. */
  DatasetInfo facts();

  /** Writes the model's folder, with all that is needed to use it. */
  void save(Path folder, Device device) throws IOException;

  /**
   * Figures of the model beside baselines.
   *
   * @param data what to score all of; null for what the run held out
   */
  EvaluationReport evaluate(Device device, Path data) throws IOException;

  /**
   * The losses on held-out data of a model that knows nothing of an input, only how often answers
   * occur: one for each of the objective's terms, in their order.
   *
   * @return NaN for a term of which nothing is asked
   */
  List<Double> ignorances(Device device);

  /** The validation loss of such a model: the weighted sum. */
  default double ignorance(Device device) {
    List<Double> losses = ignorances(device);
    List<Term> terms = objective().terms();
    double sum = 0;
    for (int i = 0; i < terms.size(); i++) {
      double weight = terms.get(i).weight();
      sum += weight == 0 ? 0 : weight * losses.get(i);
    }
    return sum;
  }

  /** What the model can be used for beside being judged, with something that the run held out. */
  default List<Use> uses() {
    return List.of();
  }

  /** Something that the model makes of held-out data; null for nothing. */
  SampleOutput show(Device device);

  /** Frees model and data. */
  @Override
  void close();
}
