package dev.culebra.cli;

import dev.culebra.data.random.GaussianRandom;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.ImageGrid;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What diffusion does to an image: how much of it is left at which step. */
final class NoiseInspection {

  private static final int STEPS = 1000;

  /** Steps that are shown, from the first to the last. */
  private static final int SHOWN = 11;

  private static final int SIDE = 64;

  private final String kind;
  private final NoiseSchedule schedule;

  /**
   * Of a schedule.
   *
   * @param kind one of {@link NoiseProcess#KINDS}
   */
  NoiseInspection(String kind) {
    this.kind = kind;
    this.schedule = new NoiseProcess(STEPS, kind, Prediction.EPSILON, false).schedule();
  }

  private static int step(int index) {
    return index * (STEPS - 1) / (SHOWN - 1);
  }

  /** The schedule as a table. */
  List<String> lines() {
    Table table = new Table(0, 1, 2, 3, 4).row("t", "abar", "sqrt abar", "sqrt 1 - abar", "SNR");
    for (int i = 0; i < SHOWN; i++) {
      int t = step(i);
      table.row(
          Integer.toString(t),
          number(schedule.alphaBar(t)),
          number(schedule.signal(t)),
          number(schedule.noise(t)),
          String.format(Locale.ROOT, "%.3g", schedule.snr(t)));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        Format.text(
            "diffusion, %s schedule of %d steps: x_t = sqrt(abar) image + sqrt(1 - abar) noise",
            kind, STEPS));
    lines.add("");
    table.toString().lines().forEach(lines::add);
    return lines;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** The schedule for programs. */
  Map<String, Object> toMap() {
    List<Map<String, Object>> steps = new ArrayList<>();
    for (int i = 0; i < SHOWN; i++) {
      int t = step(i);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("t", t);
      row.put("alpha_bar", schedule.alphaBar(t));
      row.put("snr", schedule.snr(t));
      steps.add(row);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("objective", "diffusion");
    map.put("profile", kind);
    map.put("steps", steps);
    return map;
  }

  /** The image at those steps, side by side, with one noise throughout. */
  BufferedImage strip(Path image, long seed) {
    List<LabelledImage> images = new ArrayList<>();
    Images.of(List.of(image), new ImageSize(SIDE, 3, true)).read(new BadRows(0), images::add);
    int values = 3 * SIDE * SIDE;
    float[] planes = new float[values];
    images.getFirst().toPlanes(planes, 0);
    float[] noise = new float[values];
    GaussianRandom.fill(seed, noise, 0, values);
    float[][] strip = new float[SHOWN][values];
    for (int i = 0; i < SHOWN; i++) {
      double signal = schedule.signal(step(i));
      double amount = schedule.noise(step(i));
      for (int j = 0; j < values; j++) {
        strip[i][j] = (float) (signal * planes[j] + amount * noise[j]);
      }
    }
    return ImageGrid.of(strip, SIDE, 3, SHOWN);
  }
}
