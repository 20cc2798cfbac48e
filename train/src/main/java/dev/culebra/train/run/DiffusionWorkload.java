package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.PatchGrid;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.read.GroupSplit;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.read.Uncaptioned;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.ModelType;
import dev.culebra.models.PretrainedModel;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dit.SamplingRules;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.objectives.diffusion.DiffusionChain;
import dev.culebra.objectives.diffusion.DiffusionObjective;
import dev.culebra.objectives.diffusion.DiffusionSampler;
import dev.culebra.objectives.diffusion.NoiseBatch;
import dev.culebra.objectives.diffusion.NoiseInputs;
import dev.culebra.objectives.diffusion.NoisedImages;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.inference.AsciiImage;
import dev.culebra.train.inference.Drawing;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.DataFiles;
import dev.culebra.train.setup.DatasetInfo;
import dev.culebra.train.setup.DiffusionData;
import dev.culebra.train.setup.IncompatibleModel;
import dev.culebra.train.setup.Pretrained;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Images with noise, and the noise asked back. The model folder holds the average of the weights,
 * which is what is judged and drawn from; checkpoints hold both.
 */
final class DiffusionWorkload implements Workload<NoiseBatch, NoiseInputs> {

  private final Recipe recipe;
  private final NoiseProcess process;
  private final DiffusionData data;
  private final GroupSplit.Parts<LabelledImage> parts;
  private final Denoiser average;
  private final DiffusionObjective objective;

  /** A workload that owns model and average. */
  private DiffusionWorkload(
      Recipe recipe,
      NoiseProcess process,
      DiffusionData data,
      GroupSplit.Parts<LabelledImage> parts,
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
    GroupSplit.Parts<LabelledImage> parts = data.parts(recipe);
    listener.note(
        Format.text(
            "data        %s: %s, %,d of them held out, %s",
            DataFiles.described(data.paths()),
            Format.count(data.images().size(), "images"),
            parts.heldOut().size(),
            Format.count(data.classes(), "classes")));
    if (!data.left().isEmpty()) {
      listener.note("data        " + data.left());
    }
    Uncaptioned without = new Uncaptioned();
    without.add(data.files());
    without.note(data.images().size(), listener::note);
    Denoiser model = model(recipe, process, data, device, listener);
    Denoiser average = null;
    try {
      average = Denoiser.untrained(device, model.shape());
      DiffusionObjective objective =
          new DiffusionObjective(device, model, average, recipe.get(Settings.EMA));
      objective.begin();
      NoiseProcess drawn =
          Pretrained.from(recipe) ? NoiseProcess.load(Pretrained.folder(recipe)) : process;
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
    GroupSplit.Parts<LabelledImage> parts = data == null ? null : data.parts(recipe);
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
    if (!Pretrained.from(recipe)) {
      Denoiser model = new Denoiser(device, shape(recipe, classes));
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    String from = recipe.get(Settings.INIT);
    Path folder = Pretrained.folder(recipe);
    String design = ModelType.of(folder);
    if (!design.equals(ModelType.DENOISER)) {
      List<String> fitting = List.of(ModelType.DENOISER);
      throw IncompatibleModel.of(recipe, "diffusion", design, "it draws no images", fitting);
    }
    NoiseProcess known = NoiseProcess.load(folder);
    if (!known.trainsAs(process)) {
      throw new BadInputException(
          Format.text(
              "model.from %s was trained with %s, but the recipe says %s: set the same noise",
              from, known.described(), process.described()));
    }
    PretrainedModel start =
        new PretrainedModel(folder, null, recipe.get(Settings.SEED), listener::note);
    Denoiser model = start.denoiser(device);
    ImageSize size = DiffusionData.size(recipe);
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
  public TrainingBatches<NoiseBatch> training() {
    return noised(parts.training()).training(recipe.get(Settings.ACCUMULATION));
  }

  @Override
  public EvaluationBatches<NoiseBatch> heldOut() {
    return heldOut(parts.heldOut());
  }

  /** Batches to evaluate on, from any images of the model's size. */
  EvaluationBatches<NoiseBatch> heldOut(List<LabelledImage> images) {
    return noised(images).heldOut(recipe.get(Settings.NOISE_DRAWS));
  }

  private NoisedImages noised(List<LabelledImage> images) {
    DenoiserShape s = objective.model().shape();
    NoisedImages.Options options =
        new NoisedImages.Options(
            process,
            recipe.get(Settings.SEQUENCES),
            s.classes(),
            recipe.get(Settings.CLASS_DROPOUT),
            recipe.get(Settings.MIN_SNR));
    PatchGrid grid = new PatchGrid(s.side(), s.patch(), s.channels());
    return new NoisedImages(images, grid, options, recipe.get(Settings.SEED));
  }

  NoiseProcess process() {
    return process;
  }

  @Override
  public DatasetInfo facts() {
    return new DatasetInfo(data.images().size(), 0, data.fingerprint());
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    Denoiser model = average == null ? objective.model() : average;
    ModelFolder.save(folder, device, model, TokenIds.NONE, null);
    process.save(folder);
  }

  @Override
  public EvaluationReport evaluate(Device device, Path other) {
    DiffusionEvaluator evaluate = new DiffusionEvaluator(this, device);
    if (other == null) {
      return evaluate.evaluate("what the run held out", parts.heldOut(), parts.training());
    }
    DenoiserShape s = objective.model().shape();
    ImageSize size = new ImageSize(s.side(), s.channels(), recipe.get(Settings.IMAGE_RESIZE));
    List<LabelledImage> images = DiffusionData.read(recipe, List.of(other), size).images();
    return evaluate.evaluate(other.toString(), images, parts == null ? null : parts.training());
  }

  /** Zero, whatever the image. */
  @Override
  public List<Double> ignorances(Device device) {
    return List.of(DiffusionEvaluator.error(heldOut(), null));
  }

  @Override
  public List<Use> uses() {
    return List.of(new Use("draw", List.of()));
  }

  @Override
  public SampleOutput show(Device device) {
    Denoiser evaluated = objective.averaged();
    DiffusionChain chain =
        new DiffusionChain(process, SamplingRules.Method.DDIM, Math.min(50, process.steps()));
    try (DiffusionSampler sampler = new DiffusionSampler(device, evaluated, chain)) {
      DenoiserShape s = evaluated.shape();
      int count = Math.max(1, 100 / s.side());
      DiffusionSampler.Order order = Drawing.order(count, s.classes(), 1);
      float[][] images = sampler.draw(order, (done, all) -> {});
      return new SampleOutput("It draws:", AsciiImage.of(images, s.side(), s.channels()));
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
