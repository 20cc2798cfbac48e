package dev.culebra.data.image;

import java.util.Collections;
import java.util.List;

/**
 * How bytes become the numbers that a model reads: {@code (byte * factor - mean) / deviation}, with
 * a mean and a deviation for each channel.
 */
public record Normalisation(double factor, List<Double> mean, List<Double> deviation) {

  /** 1 / 255. */
  public static final double TO_ONE = 1 / 255.0;

  /** Copies the lists. */
  public Normalisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /** From -1 (black) to 1 (white). */
  public static Normalisation centred(int channels) {
    List<Double> half = Collections.nCopies(channels, 0.5);
    return new Normalisation(TO_ONE, half, half);
  }

  /** How many channels it is for. */
  public int channels() {
    return mean.size();
  }

  /** The number of each byte, in the steps of float32 in which transformers computes it. */
  public float[] table(int channel) {
    float[] table = new float[256];
    float middle = mean.get(channel).floatValue();
    float unit = deviation.get(channel).floatValue();
    for (int i = 0; i < table.length; i++) {
      table[i] = ((float) (i * factor) - middle) / unit;
    }
    return table;
  }
}
