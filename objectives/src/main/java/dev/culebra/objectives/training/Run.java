package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.architecture.DecoderShape;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.HeldOutWindows;
import dev.culebra.objectives.batch.Prefetch;
import dev.culebra.objectives.objective.CausalLanguageModel;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.CheckpointStore;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.JsonLines;
import dev.culebra.runtime.io.RunLock;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.runtime.optim.MuonOptimizer;
import dev.culebra.runtime.optim.Optimizer;
import dev.culebra.runtime.optim.Schedule;
import dev.culebra.runtime.tensor.WeightFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * A training run in a folder: data, model, steps, validation, metrics, checkpoints.
 *
 * <p>A run that was killed at any moment continues from its newest checkpoint and ends with the
 * same weights, bit for bit, as one that was not.
 */
public final class Run {

  private static final String WEIGHTS = ModelFolder.WEIGHTS;
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final String STATE = "state.json";

  /**
   * What became of a run.
   *
   * @param steps steps done
   * @param completed whether those are all; false after an interrupt
   * @param model the model folder
   * @param validationLoss over all held-out tokens, in nat; NaN if interrupted
   * @param prompt the held-out text that the sample continues; empty if interrupted
   * @param sample text that the model wrote; empty if interrupted
   */
  public record Summary(
      long steps,
      boolean completed,
      Path model,
      double validationLoss,
      String prompt,
      String sample) {}

  /** What a checkpoint says beside weights and moments. */
  private record State(long step, double seconds, String fingerprint, String device) {}

  private final Path folder;
  private final Recipe recipe;
  private final Device device;
  private final RunListener listener;
  private final RunData data;
  private final Decoder decoder;
  private final Optimizer optimizer;
  private final CausalLanguageModel model;
  private final CheckpointStore store;
  private final Schedule schedule;
  private double secondsBefore;
  private long started;

  private Run(
      Path folder,
      Recipe recipe,
      Device device,
      RunListener listener,
      RunData data,
      Decoder decoder,
      Optimizer optimizer) {
    this.folder = folder;
    this.recipe = recipe;
    this.device = device;
    this.listener = listener;
    this.data = data;
    this.decoder = decoder;
    this.optimizer = optimizer;
    this.model =
        new CausalLanguageModel(
            decoder, recipe.crossEntropy(), (long) recipe.get(Settings.LOGITS_BUDGET) << 20);
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
    if (!resume && RunFolder.exists(folder)) {
      throw new BadInputException(
          folder + " holds a run already: continue it with --resume, or choose another --out");
    }
    try (RunLock _ = RunLock.acquire(folder)) {
      Recipe effective = resume ? RunInfo.read(folder).recipe(folder).resumedWith(recipe) : recipe;
      effective.schedule();
      if (effective.get(Settings.INIT).isEmpty()) {
        effective.shape(effective.get(Settings.VOCABULARY)); // refused before any work is done
      }
      try (RunData data =
          resume ? RunData.open(effective, folder) : RunData.prepare(effective, folder, listener)) {
        DecoderShape shape = shape(effective, data);
        try (Decoder decoder = decoder(effective, shape, device);
            Optimizer optimizer = optimizer(effective, decoder, device)) {
          Run run = new Run(folder, effective, device, listener, data, decoder, optimizer);
          listener.note("model       " + describe(shape));
          return run.run(resume, shape);
        }
      }
    }
  }

  private static DecoderShape shape(Recipe recipe, RunData data) {
    String from = recipe.get(Settings.INIT);
    int vocabulary = data.tokenizer().vocabularySize();
    if (from.isEmpty()) {
      return recipe.shape(vocabulary);
    }
    DecoderShape shape = ModelFolder.shape(Generator.modelFolder(Path.of(from)));
    if (recipe.get(Settings.CONTEXT) > shape.context() || vocabulary > shape.vocabulary()) {
      throw new BadInputException(
          "model.from "
              + from
              + " has a context of "
              + shape.context()
              + " and a vocabulary of "
              + shape.vocabulary()
              + "; model.context "
              + recipe.get(Settings.CONTEXT)
              + " and the tokenizer's "
              + vocabulary
              + " ids must not exceed them");
    }
    return shape;
  }

  private static Decoder decoder(Recipe recipe, DecoderShape shape, Device device) {
    String from = recipe.get(Settings.INIT);
    if (!from.isEmpty()) {
      return ModelFolder.load(Generator.modelFolder(Path.of(from)), device);
    }
    Decoder decoder = new Decoder(device, shape);
    decoder.parameters().initialize(recipe.get(Settings.SEED));
    return decoder;
  }

  private static Optimizer optimizer(Recipe recipe, Decoder decoder, Device device) {
    return recipe.get(Settings.OPTIMIZER).equals("muon")
        ? new MuonOptimizer(device, decoder.parameters(), recipe.adamW())
        : new AdamWOptimizer(device, decoder.parameters(), recipe.adamW());
  }

  private static String describe(DecoderShape s) {
    return "%s, %,d parameters: %d layers, width %d, %d heads, context %d, vocabulary %,d"
        .formatted(
            s.family().id(),
            Decoder.countParameters(s),
            s.layers(),
            s.width(),
            s.heads(),
            s.context(),
            s.vocabulary());
  }

  private Summary run(boolean resume, DecoderShape shape) throws IOException {
    long step = 0;
    store.recover();
    if (resume) {
      step = restore();
    } else {
      RunInfo.of(recipe, device, shape, data.shards()).write(folder);
    }
    started = System.nanoTime();
    Path metricsFile = folder.resolve(RunFolder.METRICS);
    HeldOutWindows heldOut = data.heldOut(recipe);
    int capacity = recipe.get(Settings.SEQUENCES) * recipe.get(Settings.CONTEXT);
    try (JsonLines metrics =
            step == 0 ? JsonLines.create(metricsFile) : JsonLines.resume(metricsFile, step);
        Prefetch batches = new Prefetch(data.training(recipe), step, 2);
        TrainingStep training =
            new TrainingStep(
                device,
                model,
                optimizer,
                recipe.maxNorm(),
                recipe.get(Settings.ACCUMULATION),
                capacity,
                recipe.get(Settings.SEED));
        Scorer scorer = new Scorer(device, model, heldOut.newBatch())) {
      long done = steps(step, batches, training, scorer, heldOut, metrics);
      if (done < recipe.get(Settings.STEPS)) {
        return new Summary(done, false, folder.resolve(RunFolder.MODEL), Double.NaN, "", "");
      }
      Scorer.Score score = scorer.score(heldOut, Long.MAX_VALUE);
      listener.validated(done, score.loss(), score.tokens());
      listener.finished();
      return summary(done, score.loss());
    }
  }

  /** Runs steps until the last one or an interrupt; returns how many are done. */
  private long steps(
      long from,
      Prefetch batches,
      TrainingStep training,
      Scorer scorer,
      HeldOutWindows heldOut,
      JsonLines metrics)
      throws IOException {
    long steps = recipe.get(Settings.STEPS);
    double peak = recipe.learningRate();
    listener.started(from, steps);
    long saved = from;
    long next = from < steps ? load(training, batches) : 0;
    for (long step = from; step < steps; step++) {
      long begin = System.nanoTime();
      long tokens = next;
      double learningRate = peak * schedule.factor(step);
      training.start(step, learningRate);
      if (step + 1 < steps) {
        next = load(training, batches); // copied while the device computes
      }
      TrainingStep.Result result = training.finish();
      if (!result.finite()) {
        throw new NonFiniteException(step + 1, result, training.firstNonFinite(step), kept(saved));
      }
      if (result.labels() == 0) {
        listener.note("step " + (step + 1) + " has no label: its loss is 0 and it teaches nothing");
      }
      RunListener.Step done =
          new RunListener.Step(
              step + 1,
              steps,
              result.loss(),
              learningRate,
              result.gradientNorm(),
              tokens,
              tokens / ((System.nanoTime() - begin) * 1e-9),
              seconds());
      listener.step(done);
      boolean last = step + 1 == steps;
      double validation = Double.NaN;
      if (!last && (step + 1) % recipe.get(Settings.EVALUATE_EVERY) == 0) {
        Scorer.Score score = scorer.score(heldOut, recipe.get(Settings.EVALUATE_TOKENS));
        validation = score.loss();
        listener.validated(step + 1, score.loss(), score.tokens());
      }
      metrics.write(line(done, validation));
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

  /** Gives the next step its batches; returns how many tokens they have. */
  private static long load(TrainingStep training, Prefetch batches) {
    List<Batch> micro = Arrays.asList(batches.next());
    training.load(micro);
    return micro.stream().mapToLong(Batch::rows).sum();
  }

  private static String kept(long saved) {
    return saved == 0 ? "nothing had been saved yet" : "checkpoint step-" + saved + " is kept";
  }

  private static ObjectNode line(RunListener.Step step, double validation) {
    ObjectNode line =
        Json.MAPPER
            .createObjectNode()
            .put("step", step.step())
            .put("loss", step.loss())
            .put("learning_rate", step.learningRate())
            .put("gradient_norm", step.gradientNorm())
            .put("tokens_per_second", step.tokensPerSecond())
            .put("seconds", step.seconds());
    if (!Double.isNaN(validation)) {
      line.put("validation_loss", validation);
    }
    return line;
  }

  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) * 1e-9;
  }

  private void save(long step) throws IOException {
    State state =
        new State(
            step, seconds(), Long.toHexString(data.shards().fingerprint()), device.description());
    store.save(
        step,
        sink -> {
          sink.write(WEIGHTS, WeightFile.of(device, decoder.parameters()));
          sink.write(OPTIMIZER, WeightFile.of(device, optimizer.state()));
          sink.write(STATE, Json.content(state));
        });
    ModelFolder.save(
        folder.resolve(RunFolder.MODEL),
        device,
        decoder,
        data.tokenizer().endOfText(),
        data.tokenizerFile());
    listener.saved(step);
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
    String fingerprint = Long.toHexString(data.shards().fingerprint());
    if (!fingerprint.equals(state.fingerprint)) {
      throw new BadInputException(
          checkpoint
              + " was made with other token ids ("
              + state.fingerprint
              + ") than "
              + folder.resolve(RunFolder.TOKENS)
              + " holds ("
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
    try (Safetensors weights = Safetensors.open(checkpoint.resolve(WEIGHTS));
        Safetensors moments = Safetensors.open(checkpoint.resolve(OPTIMIZER))) {
      ModelFolder.load(device, decoder, weights);
      WeightFile.load(device, optimizer.state(), moments);
    }
    secondsBefore = state.seconds;
    return state.step;
  }

  private Summary summary(long steps, double loss) {
    int[] ids = new int[(int) Math.min(16, data.split().validation().size())];
    data.split().validation().copy(0, ids, 0, ids.length);
    String prompt = data.tokenizer().decode(ids);
    try (Generator generator = new Generator(device, decoder, data.tokenizer())) {
      GenerationOptions options = new GenerationOptions(100, 0.8, 50, 1, 1);
      String sample = generator.generate(prompt, options, text -> {});
      return new Summary(steps, true, folder.resolve(RunFolder.MODEL), loss, prompt, sample);
    }
  }
}
