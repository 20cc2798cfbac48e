package dev.culebra.models;

import dev.culebra.models.electra.Electra;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.tensor.WeightLoader;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The names that a model's tensors have in the weight files of its family. */
final class FamilyNames {

  /** Most names that are listed. */
  private static final int LISTED = 6;

  private final Model model;
  private final List<String> left = new ArrayList<>();

  FamilyNames(Model model) {
    this.model = model;
  }

  /** The names under which a tensor is written into the files that published classes read. */
  static List<String> written(Model model, String tensor) {
    if (model.isOwn(tensor)) {
      return List.of();
    }
    if (model instanceof Electra && Electra.isGenerators(tensor)) {
      return List.of();
    }
    return Stream.of(List.of(tensor), model.copies(tensor), model.writtenAgain(tensor))
        .flatMap(List::stream)
        .toList();
  }

  /**
   * The names under which files may hold a tensor; those of its substitute if they lack it.
   *
   * @param prefix how names in them may begin
   * @param names what a tensor of this model is called there
   */
  static List<String> found(
      Model model, StoredTensors files, String tensor, String prefix, UnaryOperator<String> names) {
    List<String> own = read(model, tensor, prefix, names);
    String substitute = model.substitute(tensor);
    return substitute == null || own.stream().anyMatch(files::contains)
        ? own
        : Stream.concat(own.stream(), read(model, substitute, prefix, names).stream()).toList();
  }

  /**
   * The names under which the files of another model may hold a tensor: its own, tied ones; with
   * and without prefix.
   *
   * @param prefix how names in them may begin
   * @param names what a tensor of this model is called there
   */
  private static List<String> read(
      Model model, String tensor, String prefix, UnaryOperator<String> names) {
    return Stream.of(List.of(tensor), model.copies(tensor), model.ties(tensor))
        .flatMap(List::stream)
        .map(names)
        .flatMap(name -> variants(name, prefix))
        .distinct()
        .toList();
  }

  /** A name, and the same with the prefix that it lacks or without the one that it has. */
  private static Stream<String> variants(String name, String prefix) {
    return Stream.of(
        name, name.startsWith(prefix) ? name.substring(prefix.length()) : prefix + name);
  }

  /**
   * How the model's weights are found in files.
   *
   * @param optional which may be missing
   */
  WeightLoader.Names allowing(StoredTensors files, Predicate<String> optional) {
    return new WeightLoader.Names(
        tensor -> found(model, files, tensor, model.optionalPrefix(), UnaryOperator.identity()),
        optional,
        tensor -> {},
        tensor -> passes(model, files, tensor),
        model::leavesOut,
        left::add);
  }

  /**
   * Whether a tensor of a file says nothing to a model.
   *
   * @throws BadInputException if it should be zeros, and is not
   */
  static boolean passes(Model model, StoredTensors files, String tensor) {
    if (!model.ignores(tensor)) {
      return false;
    }
    if (model.mustBeZero(tensor) && !isZero(files, tensor)) {
      throw new BadInputException(
          Format.text(
              "%s is not zero: this model has no such tensor, and without it, it would answer"
                  + " differently",
              files.described(tensor)));
    }
    return true;
  }

  private static boolean isZero(StoredTensors files, String tensor) {
    if (!files.holdsFloats(tensor)) {
      return false;
    }
    long count = Arrays.stream(files.spec(tensor).shape()).reduce(1, Math::multiplyExact);
    float[] values = new float[Math.toIntExact(count)];
    files.readFloats(tensor, MemorySegment.ofArray(values));
    for (float value : values) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** Says what was left out. */
  void tell(Path folder) {
    if (!left.isEmpty()) {
      Notes.tell(
          Format.text("%s has %s too, which this model has no use for", folder, listed(left)));
    }
  }

  static String listed(List<String> names) {
    if (names.size() <= LISTED) {
      return String.join(", ", names);
    }
    int shown = LISTED / 2;
    return Format.text(
        "%s and %s",
        String.join(", ", names.subList(0, shown)),
        Format.count(names.size() - shown, "more tensors"));
  }
}
