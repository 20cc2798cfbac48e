package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Reads a PNG or JPEG file as red, green and blue; what is transparent shows white. */
final class ImageFile {
  private static final long MOST_PIXELS = 1L << 26;
  private static final int WHITE = 255;

  private ImageFile() {}

  /** Whether the name says that a file is an image. */
  static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  /**
   * The image in a file.
   *
   * @throws BadInputException if there is none, or it is broken or larger than 2^26 pixels
   */
  static Pixels read(Path file) {
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new BadInputException(file + " is no image: it does not start as PNG or JPEG do");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return read(reader, file);
      } finally {
        reader.dispose();
      }
    } catch (NoSuchFileException e) {
      throw new BadInputException("There is no image " + file, e);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // The JDK's readers throw the latter two for some broken files.
      throw new BadInputException(file + " is a broken image: " + e.getMessage(), e);
    }
  }

  private static Pixels read(ImageReader reader, Path file) throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if ((long) width * height > MOST_PIXELS) {
      throw new BadInputException(
          Format.text("%s has %d x %d pixels: more than 2^26", file, width, height));
    }
    BufferedImage image = reader.read(0);
    return isGrey(image) ? grey(image) : colour(image);
  }

  private static boolean isGrey(BufferedImage image) {
    return image.getColorModel() instanceof ComponentColorModel model
        && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  /** Grey samples as they are: getRGB would take them for linear light, and brighten them. */
  private static Pixels grey(BufferedImage image) {
    Raster raster = image.getRaster();
    int shift = image.getColorModel().getComponentSize(0) - 8;
    boolean alpha = raster.getNumBands() > 1;
    int width = image.getWidth();
    int[] row = new int[width * raster.getNumBands()];
    byte[] bytes = new byte[width * image.getHeight()];
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int value = (alpha ? row[2 * x] : row[x]) >> shift;
        int opacity = alpha ? row[2 * x + 1] >> shift : WHITE;
        bytes[y * width + x] = overWhite(value, opacity);
      }
    }
    return new Pixels(width, image.getHeight(), 1, bytes).withChannels(3);
  }

  private static Pixels colour(BufferedImage image) {
    int width = image.getWidth();
    int[] row = new int[width];
    byte[] bytes = new byte[3 * width * image.getHeight()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int opacity = argb >>> 24;
        for (int shift = 16; shift >= 0; shift -= 8) {
          bytes[at++] = overWhite(argb >> shift & 0xFF, opacity);
        }
      }
    }
    return new Pixels(width, image.getHeight(), 3, bytes);
  }

  private static byte overWhite(int value, int opacity) {
    return (byte) ((value * opacity + WHITE * (WHITE - opacity) + WHITE / 2) / WHITE);
  }
}
