package dev.culebra.runtime.tensor;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Weights and optimiser state as safetensors files, float32. */
public final class WeightFile {

  private WeightFile() {}

  /** All parts of all parameters, under their names and in their shapes. */
  public static Content of(Device device, Parameters parameters) {
    SafetensorsWriter writer = new SafetensorsWriter();
    parameters.forEachPart(
        (part, weights) -> add(writer, device, part.name(), shape(part), weights));
    return writer;
  }

  /** Named float32 buffers, flat. */
  public static Content of(Device device, Map<String, Buffer> buffers) {
    SafetensorsWriter writer = new SafetensorsWriter();
    buffers.forEach(
        (name, buffer) -> add(writer, device, name, new long[] {buffer.length()}, buffer));
    return writer;
  }

  private static void add(
      SafetensorsWriter writer, Device device, String name, long[] shape, Buffer values) {
    writer.add(
        new TensorSpec(name, StoredType.F32, shape),
        (offset, chunk) ->
            device.download(
                chunk, values.slice(offset / Float.BYTES, chunk.byteSize() / Float.BYTES)));
  }

  /**
   * Sets every parameter from a file.
   *
   * @param prefix may be missing from the names in the file, for all of them alike
   * @param ignored names in the file that no parameter needs to have
   * @throws BadInputException if a tensor is missing, of another shape, or unknown
   */
  public static void load(
      Device device,
      Parameters parameters,
      Safetensors file,
      String prefix,
      Predicate<String> ignored) {
    boolean bare =
        !prefix.isEmpty() && file.names().stream().noneMatch(name -> name.startsWith(prefix));
    Set<String> known = new HashSet<>();
    try (Arena arena = Arena.ofConfined()) {
      parameters.forEachPart(
          (part, weights) -> {
            String name =
                bare && part.name().startsWith(prefix)
                    ? part.name().substring(prefix.length())
                    : part.name();
            known.add(name);
            read(device, file, name, shape(part), weights, arena);
          });
    }
    List<String> unknown =
        file.names().stream().filter(n -> !known.contains(n) && !ignored.test(n)).toList();
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          file
              + " holds tensors that this model does not have, "
              + unknown.getFirst()
              + (unknown.size() > 1 ? " and " + (unknown.size() - 1) + " more" : "")
              + ": its config.json describes another model");
    }
    parameters.refreshComputeWeights();
  }

  /** Sets named float32 buffers from a file that {@link #of(Device, Map)} wrote. */
  public static void load(Device device, Map<String, Buffer> buffers, Safetensors file) {
    try (Arena arena = Arena.ofConfined()) {
      buffers.forEach(
          (name, buffer) -> read(device, file, name, new long[] {buffer.length()}, buffer, arena));
    }
  }

  private static void read(
      Device device, Safetensors file, String name, long[] shape, Buffer target, Arena arena) {
    if (!file.contains(name)) {
      throw new BadInputException(
          file + " has no tensor " + name + ": it belongs to another model");
    }
    TensorSpec spec = file.entry(name).spec();
    if (!Arrays.equals(spec.shape(), shape)) {
      throw new BadInputException(
          file
              + ": tensor "
              + name
              + " is of shape "
              + Arrays.toString(spec.shape())
              + ", but this model needs "
              + Arrays.toString(shape));
    }
    MemorySegment data = file.entry(name).data();
    if (spec.type() == StoredType.F32) {
      device.upload(target, data);
    } else {
      MemorySegment floats = arena.allocate(target.bytes(), Float.BYTES);
      file.readFloats(name, floats);
      device.upload(target, floats);
    }
  }

  private static long[] shape(Parameter.Part part) {
    return part.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
