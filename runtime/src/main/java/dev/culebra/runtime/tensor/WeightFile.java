package dev.culebra.runtime.tensor;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Content;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Weights and optimiser state as safetensors files, float32. */
public final class WeightFile {

  private WeightFile() {}

  /** All parts of all parameters, under their names and in their shapes. */
  public static Content of(Device device, Parameters parameters) {
    return of(device, parameters, List::of);
  }

  /** Parts of parameters under the names that {@code naming} has for each: none, one or several. */
  public static SafetensorsWriter of(
      Device device, Parameters parameters, Function<String, List<String>> naming) {
    SafetensorsWriter writer = new SafetensorsWriter();
    parameters.forEachPart(
        (part, weights) -> {
          for (String name : naming.apply(part.name())) {
            add(writer, device, name, shape(part), weights);
          }
        });
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

  /** Sets named float32 buffers from a file that {@link #of(Device, Map)} wrote. */
  public static void load(Device device, Map<String, Buffer> buffers, Safetensors file) {
    StoredTensors tensors = StoredTensors.of(file);
    buffers.forEach(
        (name, buffer) -> {
          long[] shape = {buffer.length()};
          if (!tensors.contains(name) || !Arrays.equals(tensors.spec(name).shape(), shape)) {
            throw new BadInputException(
                Format.text(
                    "%s has no tensor %s of shape %s: it was written by another run",
                    file, name, Arrays.toString(shape)));
          }
          WeightLoader.read(device, tensors, name, buffer);
        });
  }

  static long[] shape(Parameter.Part part) {
    return part.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
