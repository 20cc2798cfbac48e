package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.Prefetch;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.models.ModelFolder;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.io.CheckpointStore;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.MetricsLog;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.runtime.optim.MuonOptimizer;
import dev.culebra.runtime.optim.Optimizer;
import dev.culebra.runtime.optim.Schedule;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.WeightFile;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.Scorer;
import dev.culebra.train.recipe.ModelStep;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.DatasetInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A training run in a folder: data, model, steps, validation, metrics, checkpoints.
 *
 * <p>A run that was killed at any moment continues from its newest checkpoint and ends with the
 * same weights, bit for bit, as one that was not.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on the device
 */
public final class Run<B, S extends DeviceInputs<B>> {

  private static final String WEIGHTS = ModelFolder.WEIGHTS;
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";

  /**
   * What became of a run.
   *
   * @param objective what the model learned
   * @param before steps that were done already when it was continued
   * @param steps steps done
   * @param completed whether those are all; false after an interrupt
   * @param model the model folder
   * @param validationLoss over all held-out labels; NaN if interrupted
   * @param ignorance the validation loss of a model that knows nothing of an input; NaN if it is
   *     not known
   * @param uses commands that use the model; none if interrupted
   * @param sampleOutput something that the model made of held-out data; null if interrupted, or if
   *     there is nothing to show
   */
  public record Summary(
      String objective,
      long before,
      long steps,
      boolean completed,
      Path model,
      double validationLoss,
      double ignorance,
      List<Workload.Use> uses,
      Workload.SampleOutput sampleOutput) {}

  /** What a checkpoint says beside weights and moments. */
  private record State(long step, double seconds, String fingerprint, String device) {
    boolean fits(long checkpoint) {
      return step == checkpoint
          && seconds >= 0
          && Double.isFinite(seconds)
          && fingerprint != null
          && device != null;
    }
  }

  private final Path folder;
  private final Recipe recipe;
  private final Device device;
  private final RunListener listener;
  private final Workload<B, S> work;
  private final Optimizer optimizer;
  private final CheckpointStore store;
  private final Schedule schedule;
  private double secondsBefore;
  private boolean toldOfNoLabel;
  private long started;

  private Run(
      Path folder,
      Recipe recipe,
      Device device,
      RunListener listener,
      Workload<B, S> work,
      Optimizer optimizer) {
    this.folder = folder;
    this.recipe = recipe;
    this.device = device;
    this.listener = listener;
    this.work = work;
    this.optimizer = optimizer;
    this.store =
        new CheckpointStore(
            folder.resolve(RunFolder.CHECKPOINTS), recipe.get(Settings.KEEP), listener::note);
    this.schedule = recipe.schedule();
  }

  /**
   * Trains, or continues a run.
   *
   * @param recipe what to do; when resuming, only what was set explicitly is compared with the
   *     run's own recipe, and only settings under {@code run.} may differ
   * @param folder the run's folder
   * @param resume whether to continue the run in {@code folder}
   * @throws BadInputException if the recipe, the data or the folder cannot be used
   * @throws NonFiniteException if the model diverged
   * @throws IOException if the folder cannot be written; checkpoints so far are whole
   */
  public static Summary train(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    Recipe effective = check(recipe, folder, resume);
    boolean begun = resume && RunInfo.read(folder).begun();
    try (RunHold hold =
        resume ? RunHold.resumed(folder) : RunHold.begin(folder, effective, device.description())) {
      try (Workload<?, ?> work = opened(effective, folder, begun, device, listener)) {
        listener.opened(work.model().description());
        return train(work, effective, folder, begun, hold, device, listener);
      }
    }
  }

  /**
   * Judges all that can be judged before a device is opened: the recipe, the folder, and the files
   * that the recipe names. Nothing is made.
   *
   * @param resume whether the run in {@code folder} is to be continued
   * @return what the run is to do
   * @throws BadInputException if that cannot be
   */
  public static Recipe check(Recipe recipe, Path folder, boolean resume) {
    if (!resume) {
      RunFolder.checkNew(folder);
      Workloads.check(recipe);
      RunInputs.check(recipe, folder);
      return recipe;
    }
    RunFolder.checkNamed(folder);
    RunInfo info = RunInfo.read(folder);
    Recipe effective = info.recipe(folder).resumedWith(recipe);
    effective.schedule();
    CheckpointStore.highest(folder.resolve(RunFolder.CHECKPOINTS))
        .ifPresent(done -> checkSteps(done, effective));
    if (!info.begun()) {
      RunInputs.check(effective, folder);
    }
    return effective;
  }

  private static void checkSteps(long done, Recipe recipe) {
    int steps = recipe.get(Settings.STEPS);
    if (steps < done) {
      throw new BadInputException(
          Format.text(
              "the run has done %s already, which is more than schedule.steps %d: set at least as"
                  + " many",
              Format.count(done, "steps"), steps));
    }
  }

  private static Workload<?, ?> opened(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    try (Turns.Turn _ = device.turn()) {
      return Workloads.open(recipe, folder, resume, device, listener);
    }
  }

  private static <B, S extends DeviceInputs<B>> Summary train(
      Workload<B, S> work,
      Recipe recipe,
      Path folder,
      boolean resume,
      RunHold hold,
      Device device,
      RunListener listener)
      throws IOException {
    try (Optimizer optimizer = optimizer(recipe, work.model().parameters(), device)) {
      return new Run<>(folder, recipe, device, listener, work, optimizer).run(resume, hold);
    }
  }

  private static Optimizer optimizer(Recipe recipe, Parameters parameters, Device device) {
    return recipe.get(Settings.OPTIMIZER).equals("muon")
        ? new MuonOptimizer(device, parameters, recipe.adamW())
        : new AdamWOptimizer(device, parameters, recipe.adamW());
  }

  private Summary run(boolean resume, RunHold hold) throws IOException {
    long step = 0;
    store.recover();
    ModelStep.clear(folder);
    if (resume) {
      step = restore();
      checkSteps(step, recipe);
      reschedule(step);
    } else {
      info().write(folder);
    }
    hold.begun();
    if (step > 0 && !ModelStep.is(folder, step)) {
      saveModel(step);
      listener.note(folder.resolve(RunFolder.MODEL) + " is now the model after step " + step);
    }
    started = System.nanoTime();
    Path metricsFile = folder.resolve(RunFolder.METRICS);
    EvaluationBatches<B> heldOut = work.heldOut();
    TrainingBatches<B> source = work.training();
    try (MetricsLog metrics =
            step == 0 ? MetricsLog.create(metricsFile) : MetricsLog.resume(metricsFile, step);
        Prefetch<B> batches = new Prefetch<>(source, step, 2);
        TrainingStep<B, S> training =
            new TrainingStep<>(
                device,
                work.objective(),
                optimizer,
                recipe.maxNorm(),
                recipe.get(Settings.DROPOUT).floatValue(),
                source.microBatches(),
                source.newBatch(),
                recipe.get(Settings.SEED));
        Scorer<B, S> scorer = new Scorer<>(device, work.objective(), heldOut.newBatch())) {
      long done = steps(step, batches, training, scorer, heldOut, metrics);
      if (done < recipe.get(Settings.STEPS)) {
        return summary(step, done, false, Double.NaN, Double.NaN, null);
      }
      Scorer.Score score = scorer.score(heldOut, Long.MAX_VALUE);
      listener.validated(done, score.loss(), score.count());
      listener.finished();
      try (Turns.Turn _ = device.turn()) {
        return summary(step, done, true, score.loss(), work.ignorance(device), work.show(device));
      }
    }
  }

  /** Makes a changed schedule the run's own, for whoever continues it next. */
  private void reschedule(long step) throws IOException {
    RunInfo info = RunInfo.read(folder);
    Schedule before = info.recipe(folder).schedule();
    if (before.equals(schedule)) {
      return;
    }
    info.scheduledAs(recipe).write(folder);
    int steps = recipe.get(Settings.STEPS);
    double peak = recipe.learningRate();
    listener.note(
        Format.text(
            "schedule    %s, not %,d; the learning rate was %.4g and goes on at %.4g",
            Format.count(steps, "steps"),
            info.recipe(folder).get(Settings.STEPS),
            step == 0 ? 0 : peak * before.factor(step - 1),
            step < steps ? peak * schedule.factor(step) : 0));
  }

  private RunInfo info() {
    DatasetInfo facts = work.facts();
    return new RunInfo(
        RunInfo.VERSION,
        Runtime.version().toString(),
        device.description(),
        work.model().parameters().count(),
        facts.examples(),
        facts.tokens(),
        facts.fingerprint(),
        Json.MAPPER.valueToTree(recipe.toMap()));
  }

  private Summary summary(
      long before,
      long steps,
      boolean completed,
      double loss,
      double ignorance,
      Workload.SampleOutput sampleOutput) {
    List<Workload.Use> uses = completed ? work.uses() : List.of();
    Path model = folder.resolve(RunFolder.MODEL);
    return new Summary(
        recipe.get(Settings.OBJECTIVE),
        before,
        steps,
        completed,
        model,
        loss,
        ignorance,
        uses,
        sampleOutput);
  }

  /** Runs steps until the last one or an interrupt; returns how many are done. */
  private long steps(
      long from,
      Prefetch<B> batches,
      TrainingStep<B, S> training,
      Scorer<B, S> scorer,
      EvaluationBatches<B> heldOut,
      MetricsLog metrics)
      throws IOException {
    long steps = recipe.get(Settings.STEPS);
    double peak = recipe.learningRate();
    listener.started(from, steps, work.objective().units());
    long saved = from;
    long next = from < steps ? load(training, batches) : 0;
    for (long step = from; step < steps; step++) {
      long begin = System.nanoTime();
      long inputs = next;
      double learningRate = peak * schedule.factor(step);
      training.start(step, learningRate);
      if (step + 1 < steps) {
        next = load(training, batches); // copied while the device computes
      }
      TrainingStep.Result result = training.finish();
      if (!result.finite()) {
        throw new NonFiniteException(step + 1, result, training.firstNonFinite(step), kept(saved));
      }
      if (result.labels() == 0 && !toldOfNoLabel) {
        toldOfNoLabel = true;
        listener.note("step " + (step + 1) + " has no label: its loss is 0 and it teaches nothing");
      }
      RunListener.Step done =
          new RunListener.Step(
              step + 1,
              steps,
              result.loss(),
              learningRate,
              result.gradientNorm(),
              inputs,
              inputs / ((System.nanoTime() - begin) * 1e-9),
              seconds());
      listener.step(done);
      boolean last = step + 1 == steps;
      double validation = Double.NaN;
      if (!last && (step + 1) % recipe.get(Settings.EVALUATE_EVERY) == 0) {
        Scorer.Score score = scorer.score(heldOut, recipe.get(Settings.EVALUATE_TOKENS));
        validation = score.loss();
        listener.validated(step + 1, score.loss(), score.count());
      }
      metrics.write(line(done, result, validation));
      boolean stop = !last && listener.stop();
      if (last || stop || (step + 1) % recipe.get(Settings.CHECKPOINT_EVERY) == 0) {
        metrics.sync();
        save(step + 1);
        saved = step + 1;
      }
      if (stop) {
        return step + 1;
      }
    }
    return steps;
  }

  /** Gives the next step its batches; returns how many inputs they have. */
  private long load(TrainingStep<B, S> training, Prefetch<B> batches) {
    List<B> micro = batches.next();
    training.load(micro);
    return micro.stream().mapToLong(work.objective()::inputs).sum();
  }

  private static String kept(long saved) {
    return saved == 0 ? "nothing had been saved yet" : "checkpoint step-" + saved + " is kept";
  }

  private ObjectNode line(RunListener.Step step, TrainingStep.Result result, double validation) {
    ObjectNode line =
        Json.MAPPER
            .createObjectNode()
            .put("step", step.step())
            .put("loss", step.loss())
            .put("learning_rate", step.learningRate())
            .put("gradient_norm", step.gradientNorm())
            .put(work.objective().units().inputs() + "_per_second", step.inputsPerSecond())
            .put("seconds", step.seconds());
    List<Term> terms = work.objective().terms();
    for (int term = 0; terms.size() > 1 && term < terms.size(); term++) {
      line.put("loss_" + terms.get(term).name(), result.terms().get(term));
    }
    if (!Double.isNaN(validation)) {
      line.put("validation_loss", validation);
    }
    return line;
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) * 1e-9;
  }

  private void save(long step) throws IOException {
    State state = new State(step, seconds(), work.facts().fingerprint(), device.description());
    try (Turns.Turn _ = device.turn()) {
      store.save(
          step,
          sink -> {
            sink.write(WEIGHTS, WeightFile.of(device, work.model().parameters()));
            sink.write(OPTIMIZER, WeightFile.of(device, moments()));
            sink.write(STATE, Json.content(state));
          });
    }
    saveModel(step);
    listener.saved(step);
  }

  private void saveModel(long step) throws IOException {
    try (Turns.Turn _ = device.turn()) {
      ModelStep.write(folder, step, place -> work.save(place, device));
    }
  }

  /** All that changes from step to step beside the weights. */
  private SequencedMap<String, Buffer> moments() {
    SequencedMap<String, Buffer> all = new LinkedHashMap<>(optimizer.state());
    all.putAll(work.objective().state());
    return all;
  }

  /** Loads the newest checkpoint, if there is one; returns its step. */
  private long restore() {
    Optional<CheckpointStore.Checkpoint> newest = store.newest();
    if (newest.isEmpty()) {
      listener.note("there is no checkpoint yet: the run starts from its first step");
      return 0;
    }
    Path checkpoint = newest.get().folder();
    State state = Json.read(checkpoint.resolve(STATE), State.class);
    if (!state.fits(newest.get().step())) {
      throw new BadInputException(
          checkpoint.resolve(STATE) + " is not that of its checkpoint: the checkpoint is damaged");
    }
    String fingerprint = work.facts().fingerprint();
    if (!fingerprint.equals(state.fingerprint)) {
      throw new BadInputException(
          checkpoint
              + " was made with other data ("
              + state.fingerprint
              + ") than "
              + folder
              + " has now ("
              + fingerprint
              + ")");
    }
    if (!state.device.equals(device.description())) {
      listener.note(
          "the checkpoint was made on "
              + state.device
              + ", this is "
              + device.description()
              + ": results may differ in the last bits");
    }
    try (Turns.Turn _ = device.turn();
        Safetensors weights = Safetensors.open(checkpoint.resolve(WEIGHTS));
        Safetensors moments = Safetensors.open(checkpoint.resolve(OPTIMIZER))) {
      ModelFolder.load(device, work.model(), weights);
      WeightFile.load(device, moments(), moments);
    }
    secondsBefore = state.seconds;
    return state.step;
  }
}
