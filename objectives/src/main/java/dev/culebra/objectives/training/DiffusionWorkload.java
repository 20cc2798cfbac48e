package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Denoiser;
import dev.culebra.objectives.architecture.DenoiserShape;
import dev.culebra.objectives.architecture.Designs;
import dev.culebra.objectives.architecture.Model.TokenIds;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TrainedStart;
import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.NoiseBatch;
import dev.culebra.objectives.batch.NoisedImages;
import dev.culebra.objectives.batch.PatchGrid;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.corruption.NoiseProcess;
import dev.culebra.objectives.corruption.NoiseSchedule.Prediction;
import dev.culebra.objectives.corruption.SamplingRules;
import dev.culebra.objectives.data.DiffusionData;
import dev.culebra.objectives.data.Facts;
import dev.culebra.objectives.data.Samples;
import dev.culebra.objectives.data.Uncaptioned;
import dev.culebra.objectives.evaluation.EvaluationReport;
import dev.culebra.objectives.inference.Drawing;
import dev.culebra.objectives.inference.TextPicture;
import dev.culebra.objectives.objective.DiffusionChain;
import dev.culebra.objectives.objective.DiffusionObjective;
import dev.culebra.objectives.objective.DiffusionSampler;
import dev.culebra.objectives.objective.NoiseSlot;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.RunFolder;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.task.Continued;
import dev.culebra.objectives.task.Misfit;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Images with noise, and the noise asked back. The model folder holds the average of the weights,
 * which is what is judged and drawn from; checkpoints hold both.
 */
final class DiffusionWorkload implements Workload<NoiseBatch, NoiseSlot> {

  private final Recipe recipe;
  private final NoiseProcess process;
  private final DiffusionData data;
  private final GroupSplit.Parts<Picture> parts;
  private final Denoiser average;
  private final DiffusionObjective objective;

  /** A workload that owns model and average. */
  private DiffusionWorkload(
      Recipe recipe,
      NoiseProcess process,
      DiffusionData data,
      GroupSplit.Parts<Picture> parts,
      Denoiser average,
      DiffusionObjective objective) {
    this.recipe = recipe;
    this.process = process;
    this.data = data;
    this.parts = parts;
    this.average = average;
    this.objective = objective;
  }

  /** Refuses a recipe that cannot be, before any work is done. */
  static NoiseProcess check(Recipe recipe) {
    shape(recipe, 0);
    return process(recipe);
  }

  /** Reads the images of a run and makes its model. */
  static DiffusionWorkload open(Recipe recipe, Device device, RunListener listener) {
    NoiseProcess process = check(recipe);
    DiffusionData data = DiffusionData.read(recipe);
    GroupSplit.Parts<Picture> parts = data.parts(recipe);
    listener.note(
        Format.text(
            "data        %s: %s, %,d of them held out, %s",
            Samples.described(data.paths()),
            Format.count(data.pictures().size(), "images"),
            parts.heldOut().size(),
            Format.count(data.classes(), "classes")));
    if (!data.left().isEmpty()) {
      listener.note("data        " + data.left());
    }
    Uncaptioned without = new Uncaptioned();
    without.add(data.images());
    without.note(data.pictures().size(), listener::note);
    Denoiser model = model(recipe, process, data, device, listener);
    Denoiser average = null;
    try {
      average = Denoiser.untrained(device, model.shape());
      DiffusionObjective objective =
          new DiffusionObjective(device, model, average, recipe.get(Settings.EMA));
      objective.begin();
      NoiseProcess drawn =
          Continued.from(recipe) ? NoiseProcess.load(Continued.folder(recipe)) : process;
      return new DiffusionWorkload(recipe, drawn, data, parts, average, objective);
    } catch (RuntimeException e) {
      if (average != null) {
        average.close();
      }
      model.close();
      throw e;
    }
  }

  /** A trained model, with its run's images if it has a run. */
  static DiffusionWorkload trained(Recipe recipe, Path folder, Device device) {
    Path modelFolder = RunFolder.modelIn(folder);
    NoiseProcess process = NoiseProcess.load(modelFolder);
    DiffusionData data = RunFolder.exists(folder) ? DiffusionData.read(recipe) : null;
    GroupSplit.Parts<Picture> parts = data == null ? null : data.parts(recipe);
    Denoiser model = ModelFolder.load(modelFolder, device, Denoiser.class, "diffusion");
    try {
      DiffusionObjective objective = new DiffusionObjective(device, model);
      return new DiffusionWorkload(recipe, process, data, parts, null, objective);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static NoiseProcess process(Recipe recipe) {
    return new NoiseProcess(
        recipe.get(Settings.NOISE_STEPS),
        recipe.get(Settings.NOISE_SCHEDULE),
        recipe.get(Settings.PREDICT).equals("v") ? Prediction.V : Prediction.EPSILON,
        recipe.get(Settings.ZERO_TERMINAL_SNR));
  }

  private static DenoiserShape shape(Recipe recipe, int classes) {
    if (!recipe.get(Settings.FAMILY).equals("auto")) {
      throw new BadInputException(
          Format.text(
              "model.family %s reads tokens; diffusion trains a DiT: leave model.family at auto",
              recipe.get(Settings.FAMILY)));
    }
    int width = recipe.get(Settings.WIDTH);
    int hidden = recipe.get(Settings.HIDDEN);
    if (hidden != 0 && hidden != Math.multiplyExact(4, width)) {
      throw new BadInputException(
          Format.text(
              "model.hidden %d: a DiT's feed-forward layers are four times as wide as its rows, %d;"
                  + " leave it at 0",
              hidden, Math.multiplyExact(4, width)));
    }
    return new DenoiserShape(
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_PATCH),
        recipe.get(Settings.IMAGE_CHANNELS),
        width,
        recipe.get(Settings.LAYERS),
        recipe.get(Settings.HEADS),
        classes,
        recipe.get(Settings.NOISE_STEPS),
        DenoiserShape.EPSILON);
  }

  private static Denoiser model(
      Recipe recipe,
      NoiseProcess process,
      DiffusionData data,
      Device device,
      RunListener listener) {
    int classes = recipe.get(Settings.CONDITIONAL) ? data.classes() : 0;
    if (!Continued.from(recipe)) {
      Denoiser model = new Denoiser(device, shape(recipe, classes));
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    String from = recipe.get(Settings.INIT);
    Path folder = Continued.folder(recipe);
    String design = Designs.of(folder);
    if (!design.equals(Designs.DENOISER)) {
      List<String> fitting = List.of(Designs.DENOISER);
      throw Misfit.of(recipe, "diffusion", design, "it draws no images", fitting);
    }
    NoiseProcess known = NoiseProcess.load(folder);
    if (!known.trainsAs(process)) {
      throw new BadInputException(
          Format.text(
              "model.from %s was trained with %s, but the recipe says %s: set the same noise",
              from, known.described(), process.described()));
    }
    TrainedStart start = new TrainedStart(folder, null, recipe.get(Settings.SEED), listener::note);
    Denoiser model = start.denoiser(device);
    PictureSize size = DiffusionData.size(recipe);
    DenoiserShape s = model.shape();
    if (s.side() != size.side()
        || s.channels() != size.channels()
        || s.classes() < classes
        || s.steps() != process.steps()) {
      model.close();
      throw new BadInputException(
          Format.text(
              "model.from %s holds %s, which does not fit images of %d x %d x %d with %s: set"
                  + " image.side and image.channels as the model has them",
              from,
              model.description(),
              size.side(),
              size.side(),
              size.channels(),
              Format.count(classes, "classes")));
    }
    return model;
  }

  @Override
  public DiffusionObjective objective() {
    return objective;
  }

  @Override
  public Source<NoiseBatch> training() {
    return noised(parts.training()).training(recipe.get(Settings.ACCUMULATION));
  }

  @Override
  public HeldOut<NoiseBatch> heldOut() {
    return heldOut(parts.heldOut());
  }

  /** Batches to judge by, from any images of the model's size. */
  HeldOut<NoiseBatch> heldOut(List<Picture> pictures) {
    return noised(pictures).heldOut(recipe.get(Settings.NOISE_DRAWS));
  }

  private NoisedImages noised(List<Picture> pictures) {
    DenoiserShape s = objective.model().shape();
    NoisedImages.Options options =
        new NoisedImages.Options(
            process,
            recipe.get(Settings.SEQUENCES),
            s.classes(),
            recipe.get(Settings.CLASS_DROPOUT),
            recipe.get(Settings.MIN_SNR));
    PatchGrid grid = new PatchGrid(s.side(), s.patch(), s.channels());
    return new NoisedImages(pictures, grid, options, recipe.get(Settings.SEED));
  }

  NoiseProcess process() {
    return process;
  }

  @Override
  public Facts facts() {
    return new Facts(data.pictures().size(), 0, data.fingerprint());
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    Denoiser model = average == null ? objective.model() : average;
    ModelFolder.save(folder, device, model, TokenIds.NONE, null);
    process.save(folder);
  }

  @Override
  public EvaluationReport judge(Device device, Path other) {
    DiffusionJudge judge = new DiffusionJudge(this, device);
    if (other == null) {
      return judge.judge("what the run held out", parts.heldOut(), parts.training());
    }
    DenoiserShape s = objective.model().shape();
    PictureSize size = new PictureSize(s.side(), s.channels(), recipe.get(Settings.IMAGE_RESIZE));
    List<Picture> pictures = DiffusionData.read(recipe, List.of(other), size).pictures();
    return judge.judge(other.toString(), pictures, parts == null ? null : parts.training());
  }

  /** Zero, whatever the image. */
  @Override
  public List<Double> ignorances(Device device) {
    return List.of(DiffusionJudge.error(heldOut(), null));
  }

  @Override
  public List<Use> uses() {
    return List.of(new Use("draw", List.of()));
  }

  @Override
  public Showpiece show(Device device) {
    Denoiser judged = objective.judged();
    DiffusionChain chain =
        new DiffusionChain(process, SamplingRules.Method.DDIM, Math.min(50, process.steps()));
    try (DiffusionSampler sampler = new DiffusionSampler(device, judged, chain)) {
      DenoiserShape s = judged.shape();
      int count = Math.max(1, 100 / s.side());
      DiffusionSampler.Order order = Drawing.order(count, s.classes(), 1);
      float[][] images = sampler.draw(order, (done, all) -> {});
      return new Showpiece("It draws:", TextPicture.of(images, s.side(), s.channels()));
    }
  }

  @Override
  public void close() {
    if (average != null) {
      average.close();
    }
    objective.model().close();
  }
}
