package dev.culebra.data.read;

import dev.culebra.data.image.Pixels;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * IDX files of grey images ({@code train-images-idx3-ubyte}, perhaps .gz) with their labels beside
 * them ({@code train-labels-idx1-ubyte}).
 *
 * <p>Format: two zero bytes, 8 for unsigned bytes, how many sizes, the sizes as big-endian 32-bit
 * integers, the values (LeCun, Cortes and Burges, The MNIST database of handwritten digits).
 */
final class IdxFile {
  private static final String IMAGES = "images-idx3";
  private static final String LABELS = "labels-idx1";
  private static final int UNSIGNED_BYTES = 8;
  private static final int LARGEST_SIDE = 1 << 12;

  private IdxFile() {}

  /** Whether the name says that a file has images. */
  static boolean isImages(Path file) {
    return InputFile.plainName(file).contains(IMAGES);
  }

  /** Whether the name says that a file has labels of images. */
  static boolean isLabels(Path file) {
    return InputFile.plainName(file).contains(LABELS);
  }

  /** Gives the images of a file to {@code sink}, with labels if there is a file of them. */
  static void read(Path file, ImageSize size, BadRows bad, Consumer<LabelledImage> sink) {
    Path labels = file.resolveSibling(file.getFileName().toString().replace(IMAGES, LABELS));
    if (labels.equals(file) || !Files.exists(labels)) {
      InputFile.read(file, in -> images(file, in, null, null, size, bad, sink));
      return;
    }
    InputFile.read(
        file, in -> InputFile.read(labels, of -> images(file, in, labels, of, size, bad, sink)));
  }

  private static void images(
      Path file,
      InputStream in,
      Path labels,
      InputStream labelsIn,
      ImageSize size,
      BadRows bad,
      Consumer<LabelledImage> sink)
      throws IOException {
    long[] sizes = sizes(file, in, 3);
    if (labels != null) {
      long[] count = sizes(labels, labelsIn, 1);
      if (count[0] != sizes[0]) {
        throw new BadInputException(
            Format.text(
                "%s has %s for the %s of %s",
                labels, Format.count(count[0], "labels"), Format.count(sizes[0], "images"), file));
      }
    }
    int height = side(file, sizes[1]);
    int width = side(file, sizes[2]);
    for (long i = 1; i <= sizes[0]; i++) {
      byte[] bytes = in.readNBytes(width * height);
      int label = labels == null ? LabelledImage.NO_LABEL : labelsIn.read();
      if (bytes.length < width * height || (labels != null && label < 0)) {
        throw new BadInputException(
            Format.text(
                "%s ends in image %d of %d: fetch it again",
                bytes.length < width * height ? file : labels, i, sizes[0]));
      }
      Place where = new Place(file, i);
      bad.take(
              () ->
                  List.of(
                      Images.image(
                          size.fit(new Pixels(width, height, 1, bytes), where),
                          null,
                          null,
                          null,
                          label,
                          where)))
          .forEach(sink);
    }
  }

  private static long[] sizes(Path file, InputStream in, int count) throws IOException {
    DataInputStream header = new DataInputStream(in);
    try {
      if (header.readInt() != (UNSIGNED_BYTES << 8 | count)) {
        throw new BadInputException(
            Format.text("%s is no IDX file of unsigned bytes with %d sizes", file, count));
      }
      long[] sizes = new long[count];
      for (int i = 0; i < count; i++) {
        sizes[i] = Integer.toUnsignedLong(header.readInt());
      }
      return sizes;
    } catch (EOFException e) {
      throw new BadInputException(file + " ends within its header", e);
    }
  }

  private static int side(Path file, long side) {
    if (side < 1 || side > LARGEST_SIDE) {
      throw new BadInputException(
          Format.text(
              "%s has images with a side of %d pixels: from 1 to %d are read",
              file, side, LARGEST_SIDE));
    }
    return (int) side;
  }
}
