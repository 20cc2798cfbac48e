package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.PatchGrid;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.objectives.diffusion.NoiseBatch;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Metric.Baseline;
import dev.culebra.train.evaluation.Scorer;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Sets a denoiser's error beside those of predictions that need no model. */
final class DiffusionEvaluator {

  private final DiffusionWorkload work;
  private final Device device;

  DiffusionEvaluator(DiffusionWorkload work, Device device) {
    this.work = work;
    this.device = device;
  }

  /**
   * The error on some images, every one noised several times.
   *
   * @param training what the model learned from, whose mean power scaling needs; null if not known
   */
  EvaluationReport evaluate(String data, List<LabelledImage> images, List<LabelledImage> training) {
    EvaluationBatches<NoiseBatch> batches = work.heldOut(images);
    Scorer.Score score;
    try (Scorer<NoiseBatch, ?> scorer =
        new Scorer<>(device, work.objective(), batches.newBatch())) {
      score = scorer.score(batches, Long.MAX_VALUE);
    }
    Stream<Baseline> baselines = Stream.of(new Baseline("predicting zero", error(batches, null)));
    if (training != null) {
      Baseline scaled = new Baseline("scaled input", error(batches, scales(training)));
      baselines = Stream.concat(baselines, Stream.of(scaled));
    }
    Metric error =
        Metric.number(
            "noise_error",
            score.loss(),
            false,
            baselines.sorted(Comparator.comparingDouble(Baseline::value)).toArray(Baseline[]::new));
    String unit = work.objective().units().labels();
    return new EvaluationReport(data, score.count(), unit, List.of(error));
  }

  /**
   * What the noised image is best multiplied by at each step, if all that is known of the data is
   * its mean square s: the covariance of target and image over the image's mean square.
   */
  private double[] scales(List<LabelledImage> training) {
    double s = meanSquare(training);
    NoiseProcess process = work.process();
    NoiseSchedule schedule = process.schedule();
    double[] scales = new double[schedule.steps()];
    for (int t = 0; t < scales.length; t++) {
      double signal = schedule.signal(t);
      double noise = schedule.noise(t);
      double power = signal * signal * s + noise * noise;
      scales[t] = (process.prediction() == Prediction.V ? signal * noise * (1 - s) : noise) / power;
    }
    return scales;
  }

  private static double meanSquare(List<LabelledImage> images) {
    double sum = 0;
    for (LabelledImage image : images) {
      float[] planes = new float[image.pixels().length];
      image.toPlanes(planes, 0);
      double square = 0;
      for (float value : planes) {
        square += (double) value * value;
      }
      sum += square / planes.length;
    }
    return sum / images.size();
  }

  /**
   * The mean squared error of the noised image times a scale by step, or of zero if that is null.
   */
  static double error(EvaluationBatches<NoiseBatch> batches, double[] scales) {
    NoiseBatch batch = batches.newBatch();
    PatchGrid grid = batch.grid();
    float[] image = new float[grid.values()];
    float[] target = new float[grid.values()];
    double sum = 0;
    long images = 0;
    for (long index = 0; index < batches.batches(); index++) {
      batches.fill(index, batch);
      for (int i = 0; i < batch.count(); i++) {
        grid.fromRead(batch.noised(), i * grid.values(), image, 0);
        grid.fromWritten(batch.targets(), i * grid.values(), target, 0);
        double scale = scales == null ? 0 : scales[batch.steps()[i]];
        double square = 0;
        for (int j = 0; j < image.length; j++) {
          double off = target[j] - scale * image[j];
          square += off * off;
        }
        sum += square / image.length;
      }
      images += batch.count();
    }
    return sum / images;
  }
}
