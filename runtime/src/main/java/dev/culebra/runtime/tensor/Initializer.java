package dev.culebra.runtime.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** How a parameter starts. */
public sealed interface Initializer {

  /** Every element is {@code value}. */
  record Constant(float value) implements Initializer {}

  /** Independent draws from a normal distribution of mean 0. */
  record Normal(float deviation) implements Initializer {}

  /** Independent draws, uniform from {@code -bound} to {@code bound}. */
  record Uniform(float bound) implements Initializer {}

  /**
   * Uniform draws that keep the variance of what a linear layer passes on in both directions: bound
   * sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010; {@code xavier_uniform_}).
   */
  static Initializer xavier(long inputs, long outputs) {
    return new Uniform((float) Math.sqrt(6.0 / (inputs + outputs)));
  }

  /** All zeros. */
  static Initializer zeros() {
    return new Constant(0);
  }

  /** All ones. */
  static Initializer ones() {
    return new Constant(1);
  }

  /**
   * Fills {@code target}, float32. The draws depend on the seed and the parameter's name alone, so
   * neither order nor number of parameters matters, and they are the same on every machine.
   */
  default void fill(MemorySegment target, long seed, String name) {
    long count = target.byteSize() / Float.BYTES;
    switch (this) {
      case Constant(float value) -> {
        for (long i = 0; i < count; i++) {
          target.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
      }
      case Normal(float deviation) -> {
        NormalDraws draws = new NormalDraws(seed, name);
        for (long i = 0; i < count; i++) {
          target.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (deviation * draws.next()));
        }
      }
      case Uniform(float bound) -> {
        SplittableRandom random = NormalDraws.random(seed, name);
        for (long i = 0; i < count; i++) {
          double unit = 2 * random.nextDouble() - 1;
          target.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (bound * unit));
        }
      }
    }
  }
}
