package dev.culebra.objectives.architecture;

import dev.culebra.runtime.Notes;
import dev.culebra.runtime.tensor.WeightLoader;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.ArrayList;
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
    return Stream.concat(Stream.of(tensor), model.copies(tensor).stream()).toList();
  }

  /** The names under which files may hold a tensor: its own, tied ones; with and without prefix. */
  static List<String> read(Model model, String tensor) {
    return read(model, tensor, model.optionalPrefix(), UnaryOperator.identity());
  }

  /**
   * The names under which the files of another model may hold a tensor.
   *
   * @param prefix how names in them may begin
   * @param names what a tensor of this model is called there
   */
  static List<String> read(Model model, String tensor, String prefix, UnaryOperator<String> names) {
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
  WeightLoader.Names allowing(Predicate<String> optional) {
    return new WeightLoader.Names(
        tensor -> read(model, tensor),
        optional,
        tensor -> {},
        model::ignores,
        model::leavesOut,
        left::add);
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
        "%s and %,d more tensors",
        String.join(", ", names.subList(0, shown)), names.size() - shown);
  }
}
