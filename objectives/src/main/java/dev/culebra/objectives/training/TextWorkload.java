package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.data.Facts;
import dev.culebra.objectives.data.JudgedText;
import dev.culebra.objectives.data.TextSamples;
import dev.culebra.objectives.evaluation.EvaluationReport;
import dev.culebra.objectives.objective.Slot;
import dev.culebra.objectives.task.TextTask;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What all workloads of text do alike, whatever they ask of it.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on a device
 */
abstract class TextWorkload<B, S extends Slot<B>> implements Workload<B, S> {

  /** The task, its data and the model. */
  final TextSetup setup;

  TextWorkload(TextSetup setup) {
    this.setup = setup;
  }

  /** The run's batches of some samples. */
  final Source<PackedExamples> training(TextSamples of) {
    return of.training(setup.data());
  }

  /** The held-out batches of some samples. */
  final HeldOut<PackedExamples> heldOut(TextSamples of) {
    return of.heldOut(JudgedText.of(setup.data()));
  }

  /** Figures of the model on some texts. */
  abstract EvaluationReport report(Device device, JudgedText judged);

  @Override
  public EvaluationReport judge(Device device, Path other) throws IOException {
    if (other == null) {
      return report(device, JudgedText.of(setup.data()));
    }
    TextTask task = setup.task();
    try (JudgedText judged = JudgedText.of(setup.recipe(), task, setup.data().tokenizer(), other)) {
      if (task.kind() == TextTask.Kind.MIXTURE && !judged.serves(task)) {
        throw new BadInputException(
            "a mixture of running text and pairs of texts is judged by what the run held out of"
                + " both: leave out --data");
      }
      return report(device, judged);
    }
  }

  @Override
  public Facts facts() {
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
