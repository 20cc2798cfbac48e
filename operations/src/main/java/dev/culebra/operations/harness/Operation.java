package dev.culebra.operations.harness;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A row of the table: one operation with its gradient, if it has one, and the shapes at which it is
 * tried.
 *
 * @param <S> what a call's sizes and options are drawn as; its text names the case
 * @param name what people call it
 * @param shapes small shapes, for every check: edges, tails, options in every combination
 * @param large shapes big enough to be shared by threads and blocked; not differentiated
 * @param forward the operation
 * @param gradient its backward half
 */
public record Operation<S>(
    String name,
    Function<Draw, List<S>> shapes,
    Function<Draw, List<S>> large,
    Kernel<S> forward,
    Optional<Gradient<S>> gradient) {

  /** An operation without gradient. */
  public static <S> Operation<S> of(
      String name,
      Function<Draw, List<S>> shapes,
      Function<Draw, List<S>> large,
      Kernel<S> forward) {
    return new Operation<>(name, shapes, large, forward, Optional.empty());
  }

  /** An operation and its gradient. */
  public static <S> Operation<S> of(
      String name,
      Function<Draw, List<S>> shapes,
      Function<Draw, List<S>> large,
      Kernel<S> forward,
      Gradient<S> gradient) {
    return new Operation<>(name, shapes, large, forward, Optional.of(gradient));
  }

  /** The forward kernel, and the backward one if there is one. */
  public List<Kernel<S>> kernels() {
    return Stream.concat(Stream.of(forward), gradient.stream().map(Gradient::backward)).toList();
  }

  /** Methods of the wall that this row covers. */
  public List<String> methods() {
    return kernels().stream().flatMap(kernel -> kernel.methods().stream()).distinct().toList();
  }

  /** What {@code kernel} of this row is given: the backward one gets what the forward one left. */
  Values draw(Kernel<S> kernel, S shape, Draw draw) {
    if (kernel.equals(forward)) {
      return forward.draw(shape, draw, new Values());
    }
    Values left = forward.draw(shape, draw, new Values());
    forward.reference().run(shape, left);
    return kernel.draw(shape, draw, left);
  }

  @Override
  public String toString() {
    return name;
  }
}
