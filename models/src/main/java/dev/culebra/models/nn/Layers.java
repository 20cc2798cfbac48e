package dev.culebra.models.nn;

import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import java.util.Arrays;
import java.util.List;

/**
 * Declares layers under the names that {@code torch.nn} gives their weights: {@code weight} and
 * {@code bias}, outputs first.
 *
 * @param all where they are declared
 * @param init how matrices start; biases start at zero, gains at one
 */
public record Layers(Parameters all, Initializer init) {

  /** The usual start of BERT's heirs: normal with deviation 0.02. */
  public static Layers normal(Parameters all) {
    return new Layers(all, new Initializer.Normal(0.02f));
  }

  /** The same with matrices that start otherwise. */
  public Layers with(Initializer other) {
    return new Layers(all, other);
  }

  /** An embedding of {@code rows} rows. */
  public Parameter embedding(String name, long rows, long width) {
    return all.add(Kind.EMBEDDING, name, init, rows, width);
  }

  /** Gain and shift of a layer norm. */
  public NormLayer norm(String name, long width) {
    return new NormLayer(
        all.add(Kind.NORM, name + ".weight", Initializer.ones(), width),
        all.add(Kind.NORM, name + ".bias", Initializer.zeros(), width));
  }

  /** The gain of an RMS norm. */
  public NormLayer scale(String name, long width) {
    return new NormLayer(all.add(Kind.NORM, name + ".weight", Initializer.ones(), width), null);
  }

  /** A linear layer with bias; several names are layers of the same inputs, side by side. */
  public Linear linear(long in, long out, String... names) {
    Parameter weight = weights(in, out, names);
    List<Parameter.Part> biases =
        Arrays.stream(names)
            .map(name -> Parameters.part(name + ".bias", Initializer.zeros(), out))
            .toList();
    return new Linear(weight, all.add(Kind.BIAS, biases), true);
  }

  /** A linear layer without bias; several names are layers of the same inputs, side by side. */
  public Linear plain(long in, long out, String... names) {
    return new Linear(weights(in, out, names), null, true);
  }

  private Parameter weights(long in, long out, String... names) {
    return all.add(
        Kind.HIDDEN,
        Arrays.stream(names)
            .map(name -> Parameters.part(name + ".weight", init, out, in))
            .toList());
  }
}
