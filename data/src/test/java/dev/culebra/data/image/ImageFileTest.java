package dev.culebra.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and in which words. */
@Timeout(60)
class ImageFileTest {
  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("a.png"), bytes);
  }

  private void assertRefused(byte[] bytes, String sentence) throws IOException {
    Path file = file(bytes);
    assertThatThrownBy(() -> ImageFile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + " " + sentence);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bmp", "gif"})
  void refusesWhatTheJdkWouldReadByItsName(String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), format, out);
    assertRefused(
        out.toByteArray(),
        Format.text("is a %s image: images are read from PNG and JPEG", format.toUpperCase()));
  }

  @ParameterizedTest
  @CsvSource({
    "RIFF....WEBPVP8 , a WebP image",
    "II*., a TIFF image",
    "....ftypavif...., an AVIF image",
    "....ftypheic...., a HEIF image",
    "%PDF-1.7, a PDF file",
    "<svg xmlns=, an SVG image",
    "<!DOCTYPE html>, a web page",
    "version https://git-lfs.github.com/spec/v1, 'a pointer of Git LFS, not the file itself'",
  })
  void refusesOtherKindsByTheirNames(String start, String name) throws IOException {
    byte[] bytes = start.replace('.', '\0').getBytes(StandardCharsets.ISO_8859_1);
    if (start.startsWith("version") || start.startsWith("%")) {
      bytes = start.getBytes(StandardCharsets.ISO_8859_1);
    }
    assertRefused(bytes, "is " + name + ": images are read from PNG and JPEG");
  }

  @Test
  void refusesWhatIsNoImage() throws IOException {
    assertRefused(new byte[0], "is no image: it does not start as PNG or JPEG do");
    assertRefused(
        "some text".getBytes(StandardCharsets.UTF_8),
        "is no image: it does not start as PNG or JPEG do");
  }

  /** A checksum stands over every byte, so no changed one goes unseen. */
  @ParameterizedTest
  @ValueSource(strings = {"colour 8", "palette 4 interlaced", "png turned 6", "animated"})
  void refusesEveryPngWithAChangedByte(String name) throws IOException {
    byte[] good = Golden.file(name);
    for (int i = 0; i < good.length; i++) {
      for (int change : new int[] {1, 0x20, 0xFF}) {
        byte[] damaged = good.clone();
        damaged[i] ^= (byte) change;
        Path file = file(damaged);
        assertThatThrownBy(() -> ImageFile.read(file))
            .as("byte %d ^ %d", i, change)
            .isInstanceOf(BadInputException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"colour 8", "grey 1 interlaced", "jpeg 4:2:0", "jpeg 4:2:0 progressive"})
  void refusesEveryFileThatIsCutOff(String name) throws IOException {
    byte[] good = Golden.file(name);
    for (int length = 0; length < good.length; length++) {
      Path file = file(Arrays.copyOf(good, length));
      assertThatThrownBy(() -> ImageFile.read(file))
          .as("%d bytes", length)
          .isInstanceOf(BadInputException.class);
    }
    assertRefused(
        Arrays.copyOf(good, good.length - 1),
        "is a broken image: it ends too early; fetch it again");
  }

  /** Changed bytes of a JPEG may be other pixels, or a refusal; nothing else. */
  @ParameterizedTest
  @ValueSource(
      strings = {"jpeg 4:2:0", "jpeg 4:4:4 progressive", "jpeg ycck", "jpeg restarts", "jpeg grey"})
  void survivesAnyDamageOfJpeg(String name) throws IOException {
    byte[] good = Golden.file(name);
    Random random = new Random(good.length);
    for (int i = 0; i < 500; i++) {
      byte[] damaged = good.clone();
      for (int k = random.nextInt(3); k >= 0; k--) {
        damaged[random.nextInt(good.length)] = (byte) random.nextInt(256);
      }
      Path file = file(damaged);
      try {
        ImageFile.read(file);
      } catch (BadInputException e) {
        assertThat(e).hasMessageStartingWith(file + " ");
      }
    }
  }

  private static byte[] chunk(String type, byte[] data) {
    byte[] named = new byte[data.length + 4];
    System.arraycopy(type.getBytes(StandardCharsets.ISO_8859_1), 0, named, 0, 4);
    System.arraycopy(data, 0, named, 4, data.length);
    CRC32 sum = new CRC32();
    sum.update(named);
    return ByteBuffer.allocate(data.length + 12)
        .putInt(data.length)
        .put(named)
        .putInt((int) sum.getValue())
        .array();
  }

  /** A PNG with good checksums, whatever it says. */
  private static byte[] png(int width, int height, int depth, int colour, byte[] raw) {
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) depth)
            .put((byte) colour)
            .array();
    Deflater deflater = new Deflater();
    deflater.setInput(raw);
    deflater.finish();
    byte[] packed = new byte[raw.length + 100];
    packed = Arrays.copyOf(packed, deflater.deflate(packed));
    deflater.end();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
    out.writeBytes(chunk("IHDR", header));
    out.writeBytes(chunk("IDAT", packed));
    out.writeBytes(chunk("IEND", new byte[0]));
    return out.toByteArray();
  }

  @Test
  void boundsSizesBeforeDecoding() throws IOException {
    String most = ": at most 178,956,970 are read, and 1,048,576 on a side";
    assertRefused(png(Integer.MAX_VALUE, 2, 8, 2, new byte[9]), "has 2147483647 x 2 pixels" + most);
    assertRefused(png(-1, -1, 16, 6, new byte[9]), "has 4294967295 x 4294967295 pixels" + most);
    assertRefused(png(20_000, 20_000, 1, 0, new byte[9]), "has 20000 x 20000 pixels" + most);
    assertRefused(png(0, 4, 8, 2, new byte[9]), "is a broken image: it has 0 x 4 pixels");
    assertRefused(
        png(4, 4, 3, 0, new byte[9]),
        "is a broken image: there is no kind 0 of colour with 3 bits");
    assertRefused( // no few bytes can become so many: nothing is allocated for them
        png(9000, 9000, 1, 0, new byte[9]), "is a broken image: it ends too early; fetch it again");
    byte[] jpeg = Golden.file("jpeg 4:4:4");
    int frame = frame(jpeg);
    Arrays.fill(jpeg, frame + 5, frame + 9, (byte) 0xFF);
    assertRefused(jpeg, "has 65535 x 65535 pixels" + most);
    jpeg[frame + 5] = 4; // 1,279 rows
    assertRefused(jpeg, "is a broken image: it ends too early; fetch it again");
  }

  private static int frame(byte[] jpeg) {
    for (int i = 0; i < jpeg.length; i++) {
      if (jpeg[i] == (byte) 0xFF && (jpeg[i + 1] == (byte) 0xC0 || jpeg[i + 1] == (byte) 0xC2)) {
        return i;
      }
    }
    throw new AssertionError("no frame");
  }

  @Test
  void readsWhatCompressesWell() throws IOException {
    int side = 3000;
    byte[] rows = new byte[(side / 8 + 1) * side];
    Pixels pixels = ImageFile.read(file(png(side, side, 1, 0, rows)));
    assertThat(pixels.width()).isEqualTo(side);
  }

  @Test
  void refusesJpegsThatTakeForEver() throws IOException {
    byte[] good = Golden.file("jpeg 4:4:4 progressive");
    int frame = frame(good);
    for (int at = frame + 5; at < frame + 9; at += 2) {
      good[at] = 40; // 10,000 x 10,000 pixels
    }
    int end = good.length - 2;
    int scan = end - 1;
    while (good[scan] != (byte) 0xFF || good[scan + 1] != (byte) 0xDA) {
      scan--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(good, 0, end);
    while (out.size() < 200_000) {
      out.write(good, scan, end - scan);
    }
    out.write(good, end, 2);
    Path file = file(out.toByteArray());
    assertThatThrownBy(() -> ImageFile.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("scans: too many to be read");
  }

  @ParameterizedTest
  @CsvSource({
    "0xC9, is a JPEG of a rare kind (arithmetic coding): save it as a usual JPEG or as PNG",
    "0xC3, is a JPEG of a rare kind (lossless or hierarchical): save it as a usual JPEG or as PNG",
  })
  void refusesRareJpegs(int marker, String sentence) throws IOException {
    byte[] jpeg = Golden.file("jpeg 4:4:4");
    jpeg[frame(jpeg) + 1] = (byte) marker;
    assertRefused(jpeg, sentence);
  }

  @Test
  void readsRegularFilesAlone() throws Exception {
    Path directory = Files.createDirectory(folder.resolve("b.png"));
    Path pipe = folder.resolve("c.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path endless = Files.createSymbolicLink(folder.resolve("d.png"), Path.of("/dev/zero"));
    for (Path file : new Path[] {directory, pipe, endless}) {
      assertThatThrownBy(() -> ImageFile.read(file))
          .isInstanceOf(BadInputException.class)
          .hasMessage(file + " is no regular file: images are read from files");
    }
    Files.delete(endless);
    Path huge = folder.resolve("e.png");
    try (RandomAccessFile sparse = new RandomAccessFile(huge.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> ImageFile.read(huge))
        .hasMessage(huge + " has 1,099,511,627,776 bytes: too many for one image");
  }

  /** A small file, and one that decompresses to hundreds of megabytes, are judged at once. */
  @Test
  void isQuickWithBombs() throws IOException {
    byte[] zeros = new byte[64 << 20];
    Path file = file(png(8, 8, 8, 0, zeros));
    long start = System.nanoTime();
    assertThat(ImageFile.read(file).width()).isEqualTo(8);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }
}
