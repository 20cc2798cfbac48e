package dev.culebra.objectives.data;

import dev.culebra.objectives.corpus.Picture;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** The pictures of a run, all in memory, as long as they fit into it. */
final class Kept implements Consumer<Picture> {

  /** Bytes of a picture beside its pixels, about. */
  private static final int OTHERS = 200;

  private final long room;
  private final List<Picture> pictures = new ArrayList<>();
  private long bytes;

  /** Half of the JVM's memory. */
  Kept() {
    this(Runtime.getRuntime().maxMemory() / 2);
  }

  Kept(long room) {
    this.room = room;
  }

  @Override
  public void accept(Picture picture) {
    bytes += OTHERS + picture.pixels().length;
    if (bytes > room) {
      throw new BadInputException(
          Format.text(
              "More than %s do not fit into half of the memory of the JVM, %,d MiB: give it more by"
                  + " -Xmx, or take fewer or smaller pictures (image.side)",
              Format.count(pictures.size(), "pictures"), room >> 20));
    }
    pictures.add(picture);
  }

  List<Picture> pictures() {
    return Collections.unmodifiableList(pictures);
  }
}
