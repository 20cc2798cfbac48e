package dev.culebra.runtime.tensor;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Sets a model's weights from the tensors of files. All names and shapes are judged before the
 * first weight is set.
 */
public final class WeightLoader {

  private final Device device;
  private final StoredTensors file;
  private final Names names;
  private final Rows rows;
  private final Set<String> known = new HashSet<>();
  private final List<Parameter.Part> lacking = new ArrayList<>();

  /**
   * How the names in files may differ from those of the parameters.
   *
   * @param stored the names under which a parameter's tensor may be found, the usual one first; if
   *     there are several of them, they must be equal; without a name, the parameter stays as it is
   * @param optional names of parameters that may be missing, which then stay as they are
   * @param missing receives those
   * @param passed names in files that say nothing: constants, which others keep beside weights
   * @param spare names in files that the model has no place for, but which may be left out
   * @param left receives those
   */
  public record Names(
      Function<String, List<String>> stored,
      Predicate<String> optional,
      Consumer<String> missing,
      Predicate<String> passed,
      Predicate<String> spare,
      Consumer<String> left) {

    /** All parameters under their names, and nothing else. */
    public static final Names EXACT =
        new Names(List::of, name -> false, name -> {}, name -> false, name -> false, name -> {});
  }

  /**
   * Tensors of a row, or a value, for each token id, when the ids have changed.
   *
   * @param tensors their names
   * @param origin the row in the file that each row begins with; -1 for the mean of all in the file
   */
  public record Rows(Set<String> tensors, int[] origin) {

    /** All ids are as they were. */
    public static final Rows SAME = new Rows(Set.of(), new int[0]);
  }

  private WeightLoader(Device device, StoredTensors file, Names names, Rows rows) {
    this.device = device;
    this.file = file;
    this.names = names;
    this.rows = rows;
  }

  /**
   * Sets every parameter.
   *
   * @throws BadInputException if a tensor is missing, unknown, of another shape or of no
   *     floating-point type, or if several that should be one differ
   */
  public static void load(
      Device device, Parameters parameters, StoredTensors file, Names names, Rows rows) {
    WeightLoader loader = new WeightLoader(device, file, names, rows);
    parameters.forEachPart((part, weights) -> loader.check(part));
    loader.finishEvaluation();
    parameters.forEachPart(loader::read);
    parameters.refreshComputeWeights();
    loader.tellNonFinite(parameters);
  }

  /** Notes weights that are infinite or no numbers, which transformers takes without a word. */
  private void tellNonFinite(Parameters parameters) {
    Buffer count = device.allocate("non-finite count", DType.F32, 1);
    try {
      if (nonFinite(count, parameters.masters()) == 0) {
        return;
      }
      List<String> tensors = new ArrayList<>();
      parameters.forEachPart(
          (part, weights) -> {
            long values = nonFinite(count, weights);
            List<String> found = found(part);
            if (values > 0 && !found.isEmpty()) {
              tensors.add(
                  Format.text(
                      "%s has %,d of %,d values",
                      file.described(found.getFirst()), values, weights.length()));
            }
          });
      if (!tensors.isEmpty()) {
        Notes.tell(
            Format.text(
                "%s that are infinite or NaN%s: nothing that is computed with them can be trusted",
                tensors.getFirst(),
                tensors.size() == 1
                    ? ""
                    : Format.text(", and %,d more tensors have such values", tensors.size() - 1)));
      }
    } finally {
      count.release();
    }
  }

  private long nonFinite(Buffer count, Buffer values) {
    device.kernels().fill(count, 0);
    device.kernels().countNonFinite(count, values);
    float[] host = new float[1];
    device.download(MemorySegment.ofArray(host), count);
    return (long) host[0];
  }

  private List<String> found(Parameter.Part part) {
    return names.stored.apply(part.name()).stream().filter(file::contains).distinct().toList();
  }

  private void check(Parameter.Part part) {
    List<String> found = found(part);
    if (found.isEmpty()) {
      if (!names.stored.apply(part.name()).isEmpty()) {
        if (names.optional.test(part.name())) {
          names.missing.accept(part.name());
        } else {
          lacking.add(part);
        }
      }
      return;
    }
    String first = found.getFirst();
    if (!file.holdsFloats(first)) {
      throw new BadInputException(
          Format.text(
              "%s holds no floating-point numbers: F32, F16, BF16 and F64 are read, quantised"
                  + " weights are not",
              file.described(first)));
    }
    long[] shape = WeightFile.shape(part);
    if (rows.tensors.contains(part.name())) {
      long[] stored = file.spec(first).shape();
      shape[0] = stored.length == 0 ? 0 : stored[0];
    }
    if (!sameShape(file.spec(first).shape(), shape)) {
      throw new BadInputException(
          Format.text(
              "%s has another shape than this model needs, %s: its config.json describes another"
                  + " model",
              file.described(first), Arrays.toString(shape)));
    }
    for (String copy : found.subList(1, found.size())) {
      checkCopy(first, copy);
    }
    known.addAll(found);
  }

  /** One value is one value, whether a file calls it a scalar or a vector. */
  private static boolean sameShape(long[] stored, long[] shape) {
    return Arrays.equals(stored, shape) || (isOne(stored) && isOne(shape));
  }

  private static boolean isOne(long[] shape) {
    return shape.length == 0 || (shape.length == 1 && shape[0] == 1);
  }

  private void checkCopy(String first, String copy) {
    if (file.spec(first).type() != file.spec(copy).type()
        || file.data(first).mismatch(file.data(copy)) >= 0) {
      throw new BadInputException(
          Format.text(
              "%s differs from tensor \"%s\", but this model has one for both: it cannot hold these"
                  + " weights",
              file.described(copy), file.spec(first).name()));
    }
  }

  private void finishEvaluation() {
    List<String> unknown = new ArrayList<>();
    for (String name : file.names()) {
      if (!known.contains(name) && !names.passed.test(name)) {
        if (names.spare.test(name)) {
          names.left.accept(name);
        } else {
          unknown.add(name);
        }
      }
    }
    if (!lacking.isEmpty()) {
      Parameter.Part part = lacking.getFirst();
      String there =
          unknown.isEmpty()
              ? ""
              : "; it holds "
                  + more(file.spec(unknown.getFirst()).toString(), unknown.size())
                  + ", for which this model has no place";
      throw new BadInputException(
          Format.text(
              "%s has no tensor %s, which this model needs%s: it belongs to another model, or to"
                  + " one without this head",
              file,
              more(Format.text("\"%s\" %s", part.name(), part.shape()), lacking.size()),
              there));
    }
    if (!unknown.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "%s, is not of this model%s: its config.json describes another model",
              file.described(unknown.getFirst()),
              unknown.size() == 1 ? "" : Format.text(", nor are %d more", unknown.size() - 1)));
    }
  }

  private static String more(String first, int count) {
    return count == 1 ? first : Format.text("%s and %d more", first, count - 1);
  }

  private void read(Parameter.Part part, Buffer weights) {
    List<String> found = found(part);
    if (found.isEmpty()) {
      return;
    }
    String name = found.getFirst();
    if (rows.tensors.contains(part.name())) {
      readRows(name, part, weights);
    } else {
      read(device, file, name, weights);
    }
  }

  /** Sets a buffer from a tensor of as many values. */
  static void read(Device device, StoredTensors file, String name, Buffer target) {
    if (file.spec(name).type() == StoredType.F32) {
      device.upload(target, file.data(name));
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(target.bytes(), Float.BYTES);
      file.readFloats(name, floats);
      device.upload(target, floats);
    }
  }

  /** Sets a tensor row by row; new rows are the mean of all rows in the file. */
  private void readRows(String name, Parameter.Part part, Buffer target) {
    TensorSpec spec = file.spec(name);
    long before = spec.shape()[0];
    int width = Math.toIntExact(target.length() / part.shape().getFirst());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment old = arena.allocate(before * width * Float.BYTES, Float.BYTES);
      file.readFloats(name, old);
      MemorySegment mean = mean(old, before, width, arena);
      long bytes = (long) width * Float.BYTES;
      MemorySegment grown = arena.allocate(target.bytes(), Float.BYTES);
      int[] origin = rows.origin;
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
}
