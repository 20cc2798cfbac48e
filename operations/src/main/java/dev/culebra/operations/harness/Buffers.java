package dev.culebra.operations.harness;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import java.util.Map;

/** The arguments of one call as the device sees them, by name. */
public final class Buffers {

  /** What is cut off an argument to make a wrong call. */
  enum Cut {
    NOTHING,
    ROW,
    COLUMN
  }

  private final Map<String, Argument> declared;
  private final Map<String, Placement> placements;
  private final Map<String, Buffer> memory;
  private final String cutName;
  private final Cut cut;

  private Buffers(
      Map<String, Argument> declared,
      Map<String, Placement> placements,
      Map<String, Buffer> memory,
      String cutName,
      Cut cut) {
    this.declared = declared;
    this.placements = placements;
    this.memory = memory;
    this.cutName = cutName;
    this.cut = cut;
  }

  /** The arguments {@code declared}; those that the call has lie in {@code memory} as placed. */
  static Buffers of(
      Map<String, Argument> declared,
      Map<String, Placement> placements,
      Map<String, Buffer> memory) {
    return new Buffers(declared, placements, memory, "", Cut.NOTHING);
  }

  /** The same with one row or column less of one argument. */
  Buffers cut(String name, Cut cut) {
    return new Buffers(declared, placements, memory, name, cut);
  }

  /** An argument as a dense buffer, or null if this call does not have it. */
  public Buffer buffer(String name) {
    Placement place = place(name);
    if (place == null) {
      return null;
    }
    if (place.argument().strided()) {
      throw new IllegalArgumentException("'" + name + "' is a matrix, whose rows may lie apart");
    }
    int less = name.equals(cutName) && cut == Cut.COLUMN ? 1 : 0;
    return memory.get(name).slice(place.offset(), place.extent() - less);
  }

  /** An argument as a matrix, or null if this call does not have it. */
  public Matrix matrix(String name) {
    Placement place = place(name);
    if (place == null) {
      return null;
    }
    Argument argument = place.argument();
    boolean here = name.equals(cutName);
    return new Matrix(
        memory.get(name).slice(place.offset(), place.extent()),
        argument.rows() - (here && cut == Cut.ROW ? 1 : 0),
        argument.cols() - (here && cut == Cut.COLUMN ? 1 : 0),
        place.stride(),
        false);
  }

  private Placement place(String name) {
    if (!declared.containsKey(name)) {
      throw new IllegalArgumentException("no argument '" + name + "' among " + declared.keySet());
    }
    return placements.get(name);
  }
}
