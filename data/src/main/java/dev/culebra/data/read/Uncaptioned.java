package dev.culebra.data.read;

import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Counts images that are left out because nobody says what they show. */
public final class Uncaptioned {

  /** Files that the note names. */
  private static final int NAMED = 3;

  private final List<String> named = new ArrayList<>();
  private long count;
  private boolean more;

  /** An image without a caption, in a file of its own or of many. */
  public void add(Path file) {
    count++;
    String name = file.toString();
    if (!named.contains(name)) {
      if (named.size() < NAMED) {
        named.add(name);
      } else {
        more = true;
      }
    }
  }

  /** The images that lie beside caption files and are not named there. */
  public void add(Images images) {
    images.unnamed().forEach(this::add);
  }

  /**
   * Tells of them in one line, if there are any.
   *
   * @param kept how many other images there are
   */
  public void note(long kept, Consumer<String> notes) {
    if (count > 0) {
      notes.accept(
          Format.text(
              "data        %,d of %s left out for want of a caption: %s%s",
              count,
              Format.count(kept + count, "images"),
              String.join("; ", named),
              more ? "; ..." : ""));
    }
  }
}
