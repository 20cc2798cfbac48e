package dev.culebra.operations.harness;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The values of a call's arguments in float64, by name, dense and row by row. */
public final class Values {

  private final Map<String, double[]> arrays = new HashMap<>();

  /** The array of an argument, or null for one that this call does not have. */
  public double[] get(String name) {
    if (!arrays.containsKey(name)) {
      throw new IllegalArgumentException("no argument '" + name + "' among " + arrays.keySet());
    }
    return arrays.get(name);
  }

  /** The array of a result to which terms are added: zeros unless it accumulates. */
  public double[] sum(String name, boolean accumulate) {
    double[] array = get(name);
    if (!accumulate) {
      Arrays.fill(array, 0);
    }
    return array;
  }

  /** The first value of an argument that holds one. */
  public double first(String name) {
    return get(name)[0];
  }

  /** Whether this call has an argument of that name. */
  public boolean has(String name) {
    return arrays.get(name) != null;
  }

  /** States an argument; null for one that this call does not have. */
  void put(String name, double[] array) {
    arrays.put(name, array);
  }

  /** A deep copy. */
  Values copy() {
    Values copy = new Values();
    arrays.forEach((name, array) -> copy.put(name, array == null ? null : array.clone()));
    return copy;
  }
}
