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
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Weights and optimiser state as safetensors files, float32. */
public final class WeightFile {

  private WeightFile() {}

  /** All parts of all parameters, under their names and in their shapes. */
  public static Content of(Device device, Parameters parameters) {
    return of(device, parameters, List::of);
  }

  /** Parts of parameters under the names that {@code naming} has for each: none, one or several. */
  public static Content of(
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

  /** Sets the parts for which {@code naming} has a name from a file that has all of them. */
  public static void load(
      Device device,
      Parameters parameters,
      Safetensors file,
      Function<String, List<String>> naming) {
    try (Arena arena = Arena.ofConfined()) {
      parameters.forEachPart(
          (part, weights) -> {
            for (String name : naming.apply(part.name())) {
              read(device, file, name, shape(part), weights, arena);
            }
          });
    }
    parameters.refreshComputeWeights();
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
   * How the names in a file may differ from those of the parameters.
   *
   * @param stored a parameter's name in the file; null for one that stays as it is without a word
   * @param ignored names in the file that no parameter needs to have
   * @param optional names of parameters that the file may lack, which then stay as they are
   * @param missing receives those
   * @param copies further names under which the file may hold the same tensor, with equal values
   */
  public record Names(
      UnaryOperator<String> stored,
      Predicate<String> ignored,
      Predicate<String> optional,
      Consumer<String> missing,
      Function<String, List<String>> copies) {}

  /** Names as they are, but without {@code prefix} if no name in the file begins with it. */
  public static UnaryOperator<String> perhapsWithout(String prefix, Safetensors file) {
    boolean bare =
        !prefix.isEmpty() && file.names().stream().noneMatch(name -> name.startsWith(prefix));
    return name -> bare && name.startsWith(prefix) ? name.substring(prefix.length()) : name;
  }

  /**
   * Tensors of a row, or a value, for each token id, when the ids have changed.
   *
   * @param tensors their names
   * @param origin the row in the file that each row begins with; -1 for the mean of all in the file
   */
  public record Rows(Set<String> tensors, int[] origin) {}

  /**
   * Sets every parameter from a file.
   *
   * @throws BadInputException if a tensor is missing, of another shape, or unknown, or if copies of
   *     one differ
   */
  public static void load(Device device, Parameters parameters, Safetensors file, Names names) {
    load(device, parameters, file, names, new Rows(Set.of(), new int[0]));
  }

  /**
   * Sets every parameter from a file of a model with other token ids or without some heads.
   *
   * @throws BadInputException if a tensor is missing that must not be, of another shape, or unknown
   */
  public static void load(
      Device device, Parameters parameters, Safetensors file, Names names, Rows rows) {
    Set<String> known = new HashSet<>();
    try (Arena arena = Arena.ofConfined()) {
      parameters.forEachPart(
          (part, weights) -> {
            String name = names.stored.apply(part.name());
            if (name == null) {
              return;
            }
            known.add(name);
            if (!file.contains(name) && names.optional.test(part.name())) {
              names.missing.accept(part.name());
            } else if (rows.tensors.contains(part.name())) {
              readRows(device, file, name, shape(part), rows.origin, weights);
            } else {
              read(device, file, name, shape(part), weights, arena);
            }
            for (String copy : names.copies.apply(part.name())) {
              checkCopy(file, name, copy);
              known.add(copy);
            }
          });
    }
    List<String> unknown =
        file.names().stream().filter(n -> !known.contains(n) && !names.ignored.test(n)).toList();
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

  /** Sets a tensor row by row; new rows are the mean of all rows in the file. */
  private static void readRows(
      Device device, Safetensors file, String name, long[] shape, int[] origin, Buffer target) {
    long[] stored = entry(file, name).spec().shape();
    long before = stored.length == 0 ? 0 : stored[0];
    long[] expected = shape.clone();
    expected[0] = before;
    check(file, name, stored, expected);
    int width = Math.toIntExact(target.length() / shape[0]);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment old = arena.allocate(before * width * Float.BYTES, Float.BYTES);
      file.readFloats(name, old);
      MemorySegment mean = mean(old, before, width, arena);
      long bytes = (long) width * Float.BYTES;
      MemorySegment grown = arena.allocate(target.bytes(), Float.BYTES);
      for (int row = 0; row < origin.length; row++) {
        boolean added = origin[row] < 0;
        MemorySegment from = added ? mean : old.asSlice(origin[row] * bytes, bytes);
        MemorySegment.copy(from, 0, grown, row * bytes, bytes);
      }
      device.upload(target, grown);
    }
  }

  private static MemorySegment mean(MemorySegment rows, long count, int width, Arena arena) {
    double[] sums = new double[width];
    for (long i = 0; i < count * width; i++) {
      sums[Math.toIntExact(i % width)] += rows.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    MemorySegment mean = arena.allocate((long) width * Float.BYTES, Float.BYTES);
    for (int i = 0; i < width; i++) {
      mean.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (sums[i] / count));
    }
    return mean;
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
    TensorSpec spec = entry(file, name).spec();
    check(file, name, spec.shape(), shape);
    MemorySegment data = file.entry(name).data();
    if (spec.type() == StoredType.F32) {
      device.upload(target, data);
    } else {
      MemorySegment floats = arena.allocate(target.bytes(), Float.BYTES);
      file.readFloats(name, floats);
      device.upload(target, floats);
    }
  }

  private static void checkCopy(Safetensors file, String name, String copy) {
    if (!file.contains(copy)) {
      return;
    }
    Safetensors.Entry first = file.entry(name);
    Safetensors.Entry second = file.entry(copy);
    if (first.spec().type() != second.spec().type() || first.data().mismatch(second.data()) >= 0) {
      throw new BadInputException(
          file
              + ": tensors "
              + name
              + " and "
              + copy
              + " differ, but this model has one for both: it cannot hold these weights");
    }
  }

  private static Safetensors.Entry entry(Safetensors file, String name) {
    if (!file.contains(name)) {
      throw new BadInputException(
          file + " has no tensor " + name + ": it belongs to another model");
    }
    return file.entry(name);
  }

  private static void check(Safetensors file, String name, long[] stored, long[] shape) {
    if (!Arrays.equals(stored, shape)) {
      throw new BadInputException(
          file
              + ": tensor "
              + name
              + " is of shape "
              + Arrays.toString(stored)
              + ", but this model needs "
              + Arrays.toString(shape));
    }
  }

  private static long[] shape(Parameter.Part part) {
    return part.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
