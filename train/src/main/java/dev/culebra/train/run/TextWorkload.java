package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.setup.DatasetInfo;
import dev.culebra.train.setup.EvaluationText;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.TextDataset;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What all workloads of text do alike, whatever they ask of it.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on a device
 */
abstract class TextWorkload<B, S extends DeviceInputs<B>> implements Workload<B, S> {

  /** The task, its data and the model. */
  final TextSetup setup;

  TextWorkload(TextSetup setup) {
    this.setup = setup;
  }

  /** The run's batches of some samples. */
  final TrainingBatches<PackedExamples> training(TextDataset of) {
    return of.training(setup.data());
  }

  /** The held-out batches of some samples. */
  final EvaluationBatches<PackedExamples> heldOut(TextDataset of) {
    return of.heldOut(EvaluationText.of(setup.data()));
  }

  /** Figures of the model on some texts. */
  abstract EvaluationReport report(Device device, EvaluationText evaluated);

  @Override
  public EvaluationReport evaluate(Device device, Path other) throws IOException {
    if (other == null) {
      return report(device, EvaluationText.of(setup.data()));
    }
    ObjectiveMix task = setup.task();
    try (EvaluationText evaluated =
        EvaluationText.of(setup.recipe(), task, setup.data().tokenizer(), other)) {
      if (task.kind() == ObjectiveMix.Kind.MIXTURE && !evaluated.serves(task)) {
        throw new BadInputException(
            "a mixture of running text and pairs of texts is judged by what the run held out of"
                + " both: leave out --data");
      }
      return report(device, evaluated);
    }
  }

  @Override
  public DatasetInfo facts() {
    return setup.data().facts();
  }

  @Override
  public final void save(Path folder, Device device) throws IOException {
    setup.save(folder, device);
  }

  @Override
  public void close() {
    setup.close();
  }
}
