package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.batch.Blended;
import dev.culebra.objectives.batch.GivenPairs;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.SampledBatches;
import dev.culebra.objectives.batch.Sampling;
import dev.culebra.objectives.batch.Samplings;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corruption.Arrangement;
import dev.culebra.objectives.corruption.SourceTarget;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.objectives.objective.TokenObjective;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Given pairs of texts: the model writes the second one from the first. */
final class GivenPairsWorkload implements Workload<PackedExamples, PackedSlot> {

  private final TextSetup<GivenPairsData> setup;
  private final TokenObjective objective;

  GivenPairsWorkload(TextSetup<GivenPairsData> setup) {
    this.setup = setup;
    this.objective =
        new TokenObjective(
            setup.task().key(), setup.model(), setup.recipe().crossEntropy(), setup.logitsBudget());
  }

  /** Prepares or opens the data of a run, and makes its model. */
  static GivenPairsWorkload open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    TextTask task = TextTask.of(recipe);
    if (!resume) {
      Tuning.check(recipe, task.parts());
    }
    TokenModels.check(recipe, task);
    GivenPairsData data =
        resume
            ? GivenPairsData.open(folder)
            : GivenPairsData.prepare(recipe, folder, task.vocabulary(), listener);
    GivenPairsWorkload work =
        new GivenPairsWorkload(TextSetup.begin(recipe, task, data, device, listener));
    try {
      long cut = work.sizes(data.shards()).cut();
      if (cut > 0) {
        listener.note(
            "%,d pairs are longer than model.context %d allows: their ends are cut off"
                .formatted(cut, recipe.get(Settings.CONTEXT)));
      }
      return work;
    } catch (RuntimeException e) {
      work.close();
      throw e;
    }
  }

  /** A trained model, with its run's data if it has a run. */
  static GivenPairsWorkload trained(Recipe recipe, Path folder, Device device) {
    GivenPairsData data =
        RunFolder.exists(folder)
            ? GivenPairsData.open(folder)
            : GivenPairsData.none(ModelFolder.tokenizer(Generator.modelFolder(folder)));
    return new GivenPairsWorkload(TextSetup.trained(recipe, data, folder, device));
  }

  @Override
  public TokenObjective objective() {
    return objective;
  }

  private Arrangement arrangement() {
    return setup.model().arrangement() == TokenModel.Arrangement.DECODER
        ? Arrangement.DECODER
        : Arrangement.ENCODER_DECODER;
  }

  private PairSizes sizes(TokenShards shards) {
    return PairSizes.of(shards, arrangement(), setup.recipe().get(Settings.CONTEXT));
  }

  private GivenPairs pairs(
      TokenShards shards, GivenPairs.Range range, PairSizes sizes, boolean shuffled, long seed) {
    SourceTarget layout = new SourceTarget(setup.specials(), arrangement());
    return new GivenPairs(shards, range, layout, sizes.limits(), shuffled, seed);
  }

  private int pad() {
    return setup.specials().id(Special.PAD);
  }

  private int sequences() {
    return setup.recipe().get(Settings.SEQUENCES);
  }

  @Override
  public Source<PackedExamples> training() {
    TokenShards shards = setup.data().shards();
    List<GivenPairs.Range> ranges = setup.data().training();
    PairSizes sizes = sizes(shards).roomFor(shards, ranges);
    List<Sampling> sources = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      long seed = Blended.seed(setup.recipe().get(Settings.SEED), i);
      sources.add(pairs(shards, ranges.get(i), sizes, true, seed));
    }
    return SampledBatches.training(
        Samplings.blended(sources, setup.data().weights()),
        sizes.training(sequences(), pad()),
        setup.recipe().get(Settings.ACCUMULATION));
  }

  @Override
  public HeldOut<PackedExamples> heldOut() {
    return heldOut(setup.data().shards(), setup.data().heldOut());
  }

  private HeldOut<PackedExamples> heldOut(TokenShards shards, GivenPairs.Range range) {
    PairSizes sizes = sizes(shards);
    return SampledBatches.heldOut(
        pairs(shards, range, sizes, false, 0), range.count(), sizes.heldOut(sequences(), pad()));
  }

  @Override
  public Facts facts() {
    return setup.data().facts();
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    setup.save(folder, device);
  }

  @Override
  public EvaluationReport judge(Device device, Path other) throws IOException {
    TokenJudge judge = new TokenJudge(objective, device);
    Source<PackedExamples> known = setup.data().hasText() ? training() : null;
    if (other == null) {
      return judge.judge("what the run held out", heldOut(), known, null);
    }
    Path folder = Files.createTempDirectory("culebra-pairs");
    try (TokenShards shards =
        GivenPairsData.encode(setup.recipe(), other, setup.data().tokenizer(), folder)) {
      int count = Math.toIntExact(shards.documents() / 2);
      HeldOut<PackedExamples> pairs = heldOut(shards, new GivenPairs.Range(0, count));
      return judge.judge(other.toString(), pairs, known, null);
    } finally {
      RunFolder.removeFiles(folder);
      Files.delete(folder);
    }
  }

  @Override
  public Showpiece show(Device device) {
    return Showpieces.of(setup, heldOut(), device);
  }

  @Override
  public void close() {
    setup.close();
  }
}
