package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** The images of a run, all in memory, as long as they fit into it. */
public final class Kept implements Consumer<LabelledImage> {

  /** Bytes of an image beside its pixels, about. */
  private static final int OTHERS = 200;

  private final long room;
  private final List<LabelledImage> images = new ArrayList<>();
  private long bytes;

  /** Half of the JVM's memory. */
  public Kept() {
    this(Runtime.getRuntime().maxMemory() / 2);
  }

  Kept(long room) {
    this.room = room;
  }

  @Override
  public void accept(LabelledImage image) {
    bytes += OTHERS + image.pixels().length;
    if (bytes > room) {
      throw new BadInputException(
          Format.text(
              "More than %s do not fit into half of the memory of the JVM, %,d MiB: give it more by"
                  + " -Xmx, or take fewer or smaller images (image.side)",
              Format.count(images.size(), "images"), room >> 20));
    }
    images.add(image);
  }

  public List<LabelledImage> images() {
    return Collections.unmodifiableList(images);
  }
}
