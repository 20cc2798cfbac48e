package dev.culebra.train.run;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.recipe.RunFolder;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Scores a trained model on data that it was not trained on, beside baselines. Threads that
 * evaluate on one device take turns, an evaluation long.
 */
public final class Evaluation {

  private Evaluation() {}

  /**
   * Evaluates the model in a run's folder or a model folder.
   *
   * @param folder the run or the model
   * @param data what to score all of; null for what the run held out
   * @return the baselines are those of the run's training data; a model without a run has none
   */
  public static EvaluationReport evaluate(Path folder, Path data, Device device)
      throws IOException {
    RunFolder.modelIn(folder); // refuses what is no folder
    if (data == null && !RunFolder.exists(folder)) {
      throw new BadInputException(
          folder + " is a model without a run, so it has no held-out data: give --data");
    }
    try (Turns.Turn _ = device.turn();
        Workload<?, ?> work = Workloads.trained(folder, device)) {
      return work.evaluate(device, data);
    }
  }
}
