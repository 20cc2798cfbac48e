package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameter.Part;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * All parameters of a model in a few big allocations: weights, and gradients.
 *
 * <p>A model first declares its parameters, then {@link #allocate} lays them out by {@link Kind},
 * so that those which decay come first and one launch of the optimiser serves all.
 */
public final class Parameters implements AutoCloseable {

  /** Each parameter begins at a multiple of this many elements. */
  private static final long ALIGNMENT = 64;

  private static final ScopedValue<LongConsumer> BOUND = ScopedValue.newInstance();

  private final List<Parameter> declared = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private Device device;
  private Buffer values;
  private Buffer masters;
  private Buffer gradients;
  private long decayed;

  /** Declares a parameter of one part. */
  public Parameter add(Kind kind, String name, Initializer init, long... shape) {
    return add(kind, List.of(part(name, init, shape)));
  }

  /** Declares a parameter whose parts lie one behind the other. */
  public Parameter add(Kind kind, List<Part> parts) {
    if (device != null) {
      throw new IllegalStateException("the parameters are allocated already");
    }
    for (Part part : parts) {
      if (!names.add(part.name())) {
        throw new IllegalArgumentException("two parameters are called " + part.name());
      }
    }
    Parameter parameter = new Parameter(kind, parts);
    declared.add(parameter);
    return parameter;
  }

  /** A part, for {@link #add(Kind, List)}. */
  public static Part part(String name, Initializer init, long... shape) {
    return new Part(name, Arrays.stream(shape).boxed().toList(), init);
  }

  /** Number of weights. */
  public long count() {
    return declared.stream().mapToLong(Parameter::length).sum();
  }

  /**
   * Does work in which each set of parameters is shown to {@code bound}, by its {@link #count},
   * before it is allocated: what a file claims can be refused before it costs memory.
   */
  public static <R> R bounded(
      LongConsumer bound, ScopedValue.CallableOp<R, RuntimeException> work) {
    return ScopedValue.where(BOUND, bound).call(work);
  }

  /** Allocates everything on {@code device}, filled with zeros. */
  public void allocate(Device device) {
    allocate(device, true);
  }

  /** Allocates weights on {@code device}, filled with zeros, that will have no gradients. */
  public void allocateWeights(Device device) {
    allocate(device, false);
  }

  private void allocate(Device device, boolean trained) {
    List<Parameter> ordered = new ArrayList<>(declared);
    ordered.sort(Comparator.comparing(Parameter::kind));
    Map<Parameter, Long> offsets = new LinkedHashMap<>();
    long length = 0;
    for (Parameter parameter : ordered) {
      offsets.put(parameter, length);
      long end = Math.addExact(length, parameter.length());
      length = Math.addExact(end, ALIGNMENT - 1) & -ALIGNMENT;
      if (parameter.kind().decays()) {
        decayed = length;
      }
    }
    if (BOUND.isBound()) {
      BOUND.get().accept(length);
    }
    DType type = device.computeType();
    try (Acquired acquired = new Acquired()) {
      Buffer weights = acquired.add(device.allocate("weights", DType.F32, length));
      this.values =
          type == DType.F32
              ? weights
              : acquired.add(device.allocate("weights in " + type, type, length));
      this.gradients =
          trained ? acquired.add(device.allocate("gradients", DType.F32, length)) : null;
      this.masters = weights;
      this.device = device;
      acquired.keep();
    }
    offsets.forEach(
        (parameter, offset) ->
            parameter.bind(
                offset,
                values.slice(offset, parameter.length()),
                masters.slice(offset, parameter.length()),
                trained ? gradients.slice(offset, parameter.length()) : null));
  }

  /** Draws every part from its initialiser. */
  public void initialize(long seed) {
    try (Arena arena = Arena.ofConfined()) {
      long largest =
          declared.stream()
              .flatMap(p -> p.parts().stream())
              .mapToLong(Part::length)
              .max()
              .orElse(0);
      MemorySegment staging = arena.allocate(largest * Float.BYTES, 64);
      forEachPart(
          (part, weights) -> {
            MemorySegment host = staging.asSlice(0, part.length() * Float.BYTES);
            part.init().fill(host, seed, part.name());
            device.upload(weights, host);
          });
    }
    refreshComputeWeights();
  }

  /** What to do with a part and its float32 weights. */
  public interface PartVisitor {
    /** Called once per part. */
    void visit(Part part, Buffer weights);
  }

  /** Visits every part in the order of declaration. */
  public void forEachPart(PartVisitor visitor) {
    for (Parameter parameter : declared) {
      long offset = 0;
      for (Part part : parameter.parts()) {
        visitor.visit(part, parameter.master().slice(offset, part.length()));
        offset += part.length();
      }
    }
  }

  /**
   * Copies the float32 weights into those of the compute type, after they were set from outside.
   */
  public void refreshComputeWeights() {
    if (values != masters) {
      device.kernels().copy(values, masters);
    }
  }

  /** Keeps the weights of a parameter from {@code least} to {@code most}. */
  public void clamp(Parameter parameter, float least, float most) {
    device.kernels().clamp(parameter.master(), least, most);
    if (values != masters) {
      device.kernels().copy(parameter.value(), parameter.master());
    }
  }

  /** Parameters in the order of declaration. */
  public List<Parameter> all() {
    return List.copyOf(declared);
  }

  /** All float32 weights. */
  public Buffer masters() {
    return masters;
  }

  /** All weights in the compute type, or null where that is float32. */
  public Buffer computeWeights() {
    return values == masters ? null : values;
  }

  /** All gradients, or null if there are none. */
  public Buffer gradients() {
    return gradients;
  }

  /** How many elements of the big buffers, from the first on, decay. */
  public long decayed() {
    return decayed;
  }

  /** Sets all gradients to zero, at the start of a step. */
  public void zeroGradients() {
    device.kernels().fill(gradients, 0);
  }

  /** Frees the memory, if there is any. */
  @Override
  public void close() {
    if (device != null && masters.alive()) {
      masters.release();
      if (gradients != null) {
        gradients.release();
      }
      if (values != masters) {
        values.release();
      }
    }
  }
}
