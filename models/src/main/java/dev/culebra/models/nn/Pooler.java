package dev.culebra.models.nn;

import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/** What BERT and ViT make of the first row of a whole: tanh(x W + b), as wide as the row. */
public record Pooler(Linear dense) {

  /** Declares one under the names of Hugging Face. */
  public static Pooler declare(Layers declared, String prefix, long width) {
    return new Pooler(declared.linear(width, width, prefix + "pooler.dense"));
  }

  /** Adds one that leaves rows as they are, before its tanh, to a file. */
  public static void addIdentity(SafetensorsWriter file, int width) {
    float[] weight = new float[Math.multiplyExact(width, width)];
    for (int i = 0; i < width; i++) {
      weight[i * width + i] = 1;
    }
    add(file, "pooler.dense.weight", weight, width, width);
    add(file, "pooler.dense.bias", new float[width], width);
  }

  private static void add(SafetensorsWriter file, String name, float[] values, long... shape) {
    file.add(new TensorSpec(name, StoredType.F32, shape), MemorySegment.ofArray(values));
  }

  /** What the first rows say of the wholes, N x C. */
  public Tensor apply(Tape tape, String name, Tensor first) {
    return Pointwise.activate(tape, name, Activation.TANH, dense.apply(tape, name, first));
  }
}
