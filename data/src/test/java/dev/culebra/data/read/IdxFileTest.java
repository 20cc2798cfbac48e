package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFileTest {
  private static final ImageSize SIZE = new ImageSize(2, 1, false);

  @TempDir Path folder;

  private Path write(String name, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zipped = name.endsWith(".gz") ? new GZIPOutputStream(out) : out) {
      zipped.write(bytes);
    }
    return Files.write(folder.resolve(name), out.toByteArray());
  }

  /** An IDX file whose values count up from 0. */
  private static byte[] idx(int... sizes) {
    int values = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + values);
    file.putInt(8 << 8 | sizes.length);
    Arrays.stream(sizes).forEach(file::putInt);
    for (int i = 0; i < values; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  private static List<LabelledImage> read(Path path) {
    List<LabelledImage> images = new ArrayList<>();
    Images.of(List.of(path), SIZE).read(new BadRows(0), images::add);
    return images;
  }

  @Test
  void readsImagesAndLabels() throws IOException {
    Path file = write("t-images-idx3-ubyte", idx(3, 2, 2));
    write("t-labels-idx1-ubyte", idx(3));
    List<LabelledImage> images = read(folder);
    assertThat(images).extracting(LabelledImage::label).containsExactly(0, 1, 2);
    assertThat(images.get(1).pixels()).containsExactly(4, 5, 6, 7);
    assertThat(images.get(2).where()).isEqualTo(new Place(file, 3));
  }

  @Test
  void readsCompressedImagesWithoutLabels() throws IOException {
    List<LabelledImage> images = read(write("t-images-idx3-ubyte.gz", idx(2, 2, 2)));
    assertThat(images).extracting(LabelledImage::label).containsExactly(-1, -1);
    assertThat(images.get(1).pixels()).containsExactly(4, 5, 6, 7);
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    String name = "t-images-idx3-ubyte";
    Path labels = write("t-labels-idx1-ubyte", idx(2));
    Path file = write(name, idx(3, 2, 2));
    assertRefused(() -> read(file), labels + " has 2 labels for the 3 images of " + file);
    write("t-labels-idx1-ubyte", Arrays.copyOf(idx(3), 9));
    assertRefused(() -> read(file), labels + " ends in image 2 of 3: fetch it again");
    Files.delete(labels);
    write(name, Arrays.copyOf(idx(3, 2, 2), 27));
    assertRefused(() -> read(file), file + " ends in image 3 of 3: fetch it again");
    write(name, Arrays.copyOf(idx(3, 2, 2), 9));
    assertRefused(() -> read(file), file + " ends within its header");
    write(name, idx(3));
    assertRefused(() -> read(file), file + " is no IDX file of unsigned bytes with 3 sizes");
    write(name, idx(1, 0, 2));
    assertRefused(
        () -> read(file), file + " has images with a side of 0 pixels: from 1 to 4096 are read");
    write(name, idx(1, 3, 2));
    assertRefused(
        () -> read(file), "None of 1 image can be used: " + file + ":1 is 2 x 3 pixels, not 2 x 2");
    write(name, idx(0, 2, 2));
    assertRefused(() -> read(file), "There are no images to read");
  }
}
