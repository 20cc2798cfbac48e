package dev.culebra.bindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints what a generated class takes C to be, one line per name: constants with their values,
 * structures and their members with offsets and sizes, functions with the sizes of what they return
 * and take. {@link CHeader} prints the same of the header.
 *
 * <p>A generated class tells a function's types only where its library is loaded, so this runs in a
 * JVM of its own that has loaded one; which one does not matter.
 */
final class AbiProgram {

  private AbiProgram() {}

  /**
   * Prints one class.
   *
   * @param args a library that exports its functions; the class
   */
  public static void main(String[] args) throws Exception {
    CudaLibraries.software(Path.of(args[0]));
    Class<?> binding = Class.forName(args[1]);
    IncludeList names = IncludeList.of(binding);
    for (String constant : names.constants()) {
      Number value = (Number) binding.getMethod(constant).invoke(null);
      System.out.println(constant + " = " + value.longValue());
    }
    for (String structure : names.structures()) {
      Class<?> type = Class.forName(binding.getPackageName() + "." + structure);
      print(structure, (GroupLayout) type.getMethod("layout").invoke(null));
    }
    for (String function : names.functions()) {
      FunctionDescriptor types =
          (FunctionDescriptor) binding.getMethod(function + "$descriptor").invoke(null);
      List<MemoryLayout> all =
          Stream.concat(types.returnLayout().stream(), types.argumentLayouts().stream()).toList();
      System.out.println(
          function
              + " "
              + all.stream()
                  .map(layout -> Long.toString(layout.byteSize()))
                  .collect(Collectors.joining(" ")));
    }
  }

  private static void print(String structure, GroupLayout layout) {
    System.out.println(structure + " size " + layout.byteSize());
    for (MemoryLayout member : layout.memberLayouts()) {
      member
          .name()
          .ifPresent(
              name ->
                  System.out.printf(
                      "%s.%s at %d size %d%n",
                      structure,
                      name,
                      layout.byteOffset(PathElement.groupElement(name)),
                      member.byteSize()));
    }
  }
}
