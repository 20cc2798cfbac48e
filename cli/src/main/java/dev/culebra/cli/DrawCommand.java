package dev.culebra.cli;

import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.objectives.diffusion.DiffusionSampler;
import dev.culebra.objectives.diffusion.DiffusionSampler.Order;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.Drawing;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws images with a trained denoiser. */
@Command(
    name = "draw",
    sortOptions = false,
    description = "Draw images with a trained denoiser, as a grid in a PNG file.",
    footer = {"", "Example:  culebra draw runs/diffusion --class 9 --guidance 3 --out boots.png"})
final class DrawCommand implements Runnable {

  private static final int MOST = 10_000;

  @Parameters(paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The PNG file (default: ${DEFAULT-VALUE}).",
      defaultValue = "grid.png")
  Path out;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "How many images (default: ${DEFAULT-VALUE}).",
      defaultValue = "36")
  int count;

  @Option(
      names = "--steps",
      paramLabel = "S",
      description =
          "How many steps from noise to image (default: all that the model knows for ddpm, 50 for"
              + " ddim).")
  Integer steps;

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description =
          "ddpm draws noise at every step, ddim at the beginning alone (default: what the model's"
              + " scheduler_config.json names; ddim for models of train).")
  Method sampler;

  @Option(
      names = "--class",
      paramLabel = "C",
      description =
          "The class to draw, from 0, or none (default: each class in turn, if there are).")
  String label;

  @Option(
      names = "--guidance",
      paramLabel = "G",
      description =
          "How far to go towards the class: 1 is as learned, more is more typical (default: "
              + Drawing.GUIDANCE
              + " with a class, else 1).")
  Double guidance;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of the noise; the same seed gives the same images (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  long seed;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    if (count < 1 || count > MOST) {
      throw new BadInputException(
          Format.text(
              "--count takes from 1 to %s for one grid, not %,d",
              Format.count(MOST, "images"), count));
    }
    OutFile.checkImage(out);
    Integer only = label == null ? null : only();
    PrintWriter err = spec.commandLine().getErr();
    try (Device device = devices.open();
        Drawing drawing = Drawing.open(folder, device);
        ProgressView view = ProgressView.on(err)) {
      Order order = order(drawing, only);
      Method method = sampler == null ? drawing.method() : sampler;
      int length = steps == null ? usual(method, drawing.steps()) : steps;
      BufferedImage grid = drawing.draw(order, method, length, progress(view, err));
      view.close();
      write(grid);
    }
  }

  /** The one class that was named. */
  private int only() {
    if (label.equals("none")) {
      return Order.NO_CLASS;
    }
    try {
      int number = Integer.parseInt(label);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // refused below, as a negative number is
    }
    throw new BadInputException("--class takes a number from 0, or none, not '" + label + "'");
  }

  private Order order(Drawing drawing, Integer only) {
    boolean inTurn = only == null && drawing.classes() > 0;
    int each = only == null ? Order.NO_CLASS : only;
    List<Integer> labels =
        inTurn ? Drawing.inTurn(count, drawing.classes()) : Collections.nCopies(count, each);
    double usual = inTurn || each != Order.NO_CLASS ? Drawing.GUIDANCE : 1;
    return new Order(labels, guidance == null ? usual : guidance, seed);
  }

  private static int usual(Method method, int all) {
    return method == Method.DDPM ? all : Math.min(50, all);
  }

  private DiffusionSampler.Progress progress(ProgressView view, PrintWriter err) {
    return new DiffusionSampler.Progress() {
      private boolean begun;

      @Override
      public void done(long steps, long all) {
        if (!begun) {
          devices.tell(err);
          view.begin("draw", 0, all);
          begun = true;
        }
        view.step(steps, Format.count(count, "images"));
      }
    };
  }

  private void write(BufferedImage grid) {
    PngFile.write(grid, out);
    spec.commandLine()
        .getOut()
        .println(
            Format.text(
                "%s: %s, %d x %d pixels",
                out, Format.count(count, "images"), grid.getWidth(), grid.getHeight()));
  }
}
