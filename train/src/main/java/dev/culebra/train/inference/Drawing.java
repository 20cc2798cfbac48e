package dev.culebra.train.inference;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.objectives.diffusion.DiffusionChain;
import dev.culebra.objectives.diffusion.DiffusionSampler;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.train.recipe.RunFolder;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Draws images with a trained denoiser. Threads take turns. */
public final class Drawing implements AutoCloseable {

  /** The usual guidance: somewhat beyond what was learned. */
  public static final double GUIDANCE = 2;

  private final Device device;
  private final Denoiser denoiser;
  private final NoiseProcess process;

  private Drawing(Device device, Denoiser denoiser, NoiseProcess process) {
    this.device = device;
    this.denoiser = denoiser;
    this.process = process;
  }

  /**
   * Opens the model of a run's folder or a model folder.
   *
   * @throws dev.culebra.runtime.BadInputException if it is no denoiser
   */
  public static Drawing open(Path folder, Device device) {
    Path model = RunFolder.modelIn(folder);
    try (Turns.Turn _ = device.turn()) {
      return loaded(model, device);
    }
  }

  private static Drawing loaded(Path model, Device device) {
    Denoiser denoiser = ModelFolder.load(model, device, Denoiser.class, "draw");
    try {
      return new Drawing(device, denoiser, NoiseProcess.load(model));
    } catch (RuntimeException e) {
      denoiser.close();
      throw e;
    }
  }

  /** Images of each class in turn, guided towards it; of none where there are no classes. */
  public static DiffusionSampler.Order order(int count, int classes, long seed) {
    return classes == 0
        ? DiffusionSampler.Order.of(count, DiffusionSampler.Order.NO_CLASS, 1, seed)
        : new DiffusionSampler.Order(inTurn(count, classes), GUIDANCE, seed);
  }

  /** Each class in turn. */
  public static List<Integer> inTurn(int count, int classes) {
    return IntStream.range(0, count).mapToObj(i -> i % classes).toList();
  }

  /** How many classes it can be told; 0 for none. */
  public int classes() {
    return denoiser.shape().classes();
  }

  /** How many steps of noise it knows. */
  public int steps() {
    return process.steps();
  }

  /** How its folder says that it is sampled. */
  public Method method() {
    return process.sampling().method();
  }

  /**
   * Draws images side by side, in rows.
   *
   * @param method and {@code steps}: the way from noise to image
   */
  public BufferedImage draw(
      DiffusionSampler.Order order, Method method, int steps, DiffusionSampler.Progress progress) {
    DiffusionChain chain = new DiffusionChain(process, method, steps);
    DenoiserShape shape = denoiser.shape();
    try (DiffusionSampler sampler = new DiffusionSampler(device, denoiser, chain)) {
      return ImageGrid.of(sampler.draw(order, progress), shape.side(), shape.channels());
    }
  }

  /** Frees the model. */
  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      denoiser.close();
    }
  }
}
