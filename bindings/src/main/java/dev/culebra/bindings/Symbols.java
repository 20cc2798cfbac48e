package dev.culebra.bindings;

import java.lang.foreign.SymbolLookup;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The C functions that a generated class calls, asked for when their library is loaded.
 *
 * <p>A generated function looks its symbol up at its first call, deep inside the program. Asking
 * for all of them at once makes an unfit library known while it can still be named.
 */
final class Symbols {

  private static final String ADDRESS = "$address";

  private Symbols() {}

  /** The names of the C functions of a generated class, sorted. */
  static SortedSet<String> of(Class<?> binding) {
    SortedSet<String> names = new TreeSet<>();
    for (Method method : binding.getMethods()) {
      if (method.getName().endsWith(ADDRESS)) {
        names.add(method.getName().substring(0, method.getName().length() - ADDRESS.length()));
      }
    }
    return names;
  }

  /**
   * Looks for every function of a generated class.
   *
   * @param library the library that should export them
   * @param version what is known of its version
   * @param binding the generated class
   * @param older names under which older versions export a function: new name to old name
   * @throws MissingSymbolException if a function has neither name
   */
  static void require(
      NativeLibrary library, String version, Class<?> binding, Map<String, String> older) {
    SymbolLookup loaded = SymbolLookup.loaderLookup();
    for (String name : of(binding)) {
      if (loaded.find(name).isEmpty() && loaded.find(older.getOrDefault(name, name)).isEmpty()) {
        throw new MissingSymbolException(library, version, name, null);
      }
    }
  }
}
