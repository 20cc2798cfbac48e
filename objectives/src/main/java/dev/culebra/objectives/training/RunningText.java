package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.objective.Slot;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What all workloads of running text do alike, whatever they ask of it.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on a device
 */
abstract class RunningText<B, S extends Slot<B>> implements Workload<B, S> {

  /** The task, its data and the model. */
  final TextSetup<RunData> setup;

  RunningText(TextSetup<RunData> setup) {
    this.setup = setup;
  }

  /** The run's batches of some samples. */
  final Source<PackedExamples> training(TextSamples of) {
    return of.training(setup.data().training(), setup.data().weights());
  }

  /** The held-out batches of some samples. */
  final HeldOut<PackedExamples> heldOut(TextSamples of) {
    return of.heldOut(setup.data().validation());
  }

  /** Figures of the model on some texts. */
  abstract EvaluationReport judge(Device device, String name, List<TokenView> texts);

  @Override
  public final EvaluationReport judge(Device device, Path other) throws IOException {
    if (other == null) {
      return judge(device, "what the run held out", setup.data().validation());
    }
    try (OtherText text = OtherText.of(setup.recipe(), setup.data().tokenizer(), other)) {
      return judge(device, text.name(), text.tokens());
    }
  }

  @Override
  public final Facts facts() {
    return setup.data().facts();
  }

  @Override
  public final void save(Path folder, Device device) throws IOException {
    setup.save(folder, device);
  }

  @Override
  public final void close() {
    setup.close();
  }
}
