package dev.culebra.operations.harness;

import dev.culebra.runtime.kernel.Kernels;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * One computation on the wall: its arguments, its truth in float64, and the call that asks a device
 * for it.
 *
 * @param <S> what a call's sizes and options are drawn as
 * @param methods the methods of {@link Kernels} that the call uses: mostly one
 * @param arguments every argument of a call of the given shape
 * @param reference computes the results in place, in float64
 * @param call asks a device for the same
 * @param tolerance how far the device may be off, from the shape and the reference's values
 */
public record Kernel<S>(
    List<String> methods,
    Function<S, List<Argument>> arguments,
    Reference<S> reference,
    Call<S> call,
    BiFunction<S, Values, Tolerance> tolerance) {

  /** The truth. */
  @FunctionalInterface
  public interface Reference<S> {
    /** Fills the results among {@code values} from its inputs. */
    void run(S shape, Values values);
  }

  /** The call on a device. */
  @FunctionalInterface
  public interface Call<S> {
    /** Calls methods of {@code kernels} with {@code arguments}. */
    void run(Kernels kernels, S shape, Buffers arguments);
  }

  /** A kernel that is one method of the wall. */
  public static <S> Kernel<S> of(
      String method,
      Function<S, List<Argument>> arguments,
      Reference<S> reference,
      Call<S> call,
      BiFunction<S, Values, Tolerance> tolerance) {
    return new Kernel<>(List.of(method), arguments, reference, call, tolerance);
  }

  /** The same, with a tolerance that depends on the shape alone. */
  public static <S> Kernel<S> of(
      String method,
      Function<S, List<Argument>> arguments,
      Reference<S> reference,
      Call<S> call,
      Function<S, Tolerance> tolerance) {
    return of(method, arguments, reference, call, (shape, values) -> tolerance.apply(shape));
  }

  /** A kernel that is composed of several methods of the wall. */
  public static <S> Kernel<S> composed(
      List<String> methods,
      Function<S, List<Argument>> arguments,
      Reference<S> reference,
      Call<S> call,
      Function<S, Tolerance> tolerance) {
    return new Kernel<>(
        methods, arguments, reference, call, (shape, values) -> tolerance.apply(shape));
  }

  /** The names of the methods, for people. */
  public String title() {
    return String.join(" + ", methods);
  }

  /**
   * Values before a call: results are NaN, the rest is drawn, or taken from {@code left} where an
   * earlier kernel left a value of that name.
   */
  Values draw(S shape, Draw draw, Values left) {
    Values values = new Values();
    for (Argument argument : arguments.apply(shape)) {
      String name = argument.name();
      boolean read =
          argument.role() == Argument.Role.INPUT || argument.role() == Argument.Role.UPDATED;
      if (!argument.present()) {
        values.put(name, null);
      } else if (argument.role() == Argument.Role.RESULT) {
        values.put(name, InputGenerator.constant(Double.NaN).draw(draw, argument.count()));
      } else if (read && left.has(name)) {
        values.put(name, left.get(name).clone());
      } else {
        values.put(name, argument.generator().draw(draw, argument.count()));
      }
    }
    return values;
  }
}
