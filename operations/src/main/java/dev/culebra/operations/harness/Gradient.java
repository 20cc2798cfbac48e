package dev.culebra.operations.harness;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The backward half of an operation, and how its arguments belong to the forward half.
 *
 * <p>By convention {@code dx} is the gradient of {@code x} if x goes into the forward kernel, and
 * the gradient that arrives at {@code x} if x comes out of it; every other argument of a forward
 * kernel's name holds what that kernel was given or left. Exceptions are stated.
 *
 * @param <S> what a call's sizes and options are drawn as
 * @param backward computes the gradients
 * @param names where the gradient of a forward argument is found, if not in d + its name
 * @param arriving gradients that arrive at a forward result, if not given by d + its name
 */
public record Gradient<S>(
    Kernel<S> backward,
    Map<String, Function<S, String>> names,
    Map<String, Function<Values, Double>> arriving) {

  /** Gradients under their conventional names. */
  public static <S> Gradient<S> by(Kernel<S> backward) {
    return new Gradient<>(backward, Map.of(), Map.of());
  }

  /** The gradient of the forward argument {@code input} is the backward result {@code result}. */
  public Gradient<S> of(String input, String result) {
    return of(input, shape -> result);
  }

  /** The same where the result's name depends on the shape. */
  public Gradient<S> of(String input, Function<S, String> result) {
    return new Gradient<>(backward, with(names, input, result), arriving);
  }

  /** Every value of the forward result {@code output} gets this gradient from above. */
  public Gradient<S> arriving(String output, Function<Values, Double> gradient) {
    return new Gradient<>(backward, names, with(arriving, output, gradient));
  }

  /** Where the gradient of a forward argument is found. */
  String nameOf(String input, S shape) {
    return names.containsKey(input) ? names.get(input).apply(shape) : "d" + input;
  }

  /** The gradient that arrives at cell {@code index} of a forward result; 0 if none is given. */
  double arrivingAt(String output, int index, Values values) {
    if (arriving.containsKey(output)) {
      return arriving.get(output).apply(values);
    }
    return arrivesAt(output, values) ? values.get("d" + output)[index] : 0;
  }

  /** Whether any gradient arrives at a forward result. */
  boolean arrivesAt(String output, Values values) {
    return arriving.containsKey(output) || values.has("d" + output);
  }

  private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
    Map<String, V> larger = new HashMap<>(map);
    larger.put(key, value);
    return Map.copyOf(larger);
  }
}
