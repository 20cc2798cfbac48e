package dev.culebra.data.image;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes JPEG as red, green and blue. The JDK decodes the samples; what colours they are is
 * decided here, in the integer arithmetic of libjpeg and Pillow, for the JDK has other conventions
 * for four components. Bytes are equal to those of libjpeg-turbo.
 */
final class JpegImage {

  private final JpegHeader header;
  private final int width;
  private final int height;
  private final int components;
  private final byte[] samples;

  private JpegImage(JpegHeader header, byte[] samples) {
    this.header = header;
    this.width = header.width();
    this.height = header.height();
    this.components = header.components();
    this.samples = samples;
  }

  static Pixels read(byte[] file) throws ImageFlaw {
    JpegHeader header = JpegHeader.read(file);
    JpegImage image = new JpegImage(header, samples(header));
    for (int i = 1; i < image.components; i++) {
      if (header.hasHalfTheRows(i)) {
        image.smoothRows(i);
      }
    }
    return Orientation.apply(header.orientation(), image.rgb());
  }

  private static byte[] samples(JpegHeader header) throws ImageFlaw {
    ImageReader reader = ImageIO.getImageReadersByFormatName("jpeg").next();
    try (ImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(header.essential()))) {
      reader.setInput(in, true, true);
      Raster raster = reader.readRaster(0, null);
      boolean expected =
          raster.getWidth() == header.width()
              && raster.getHeight() == header.height()
              && raster.getNumBands() == header.components();
      if (!expected) {
        throw ImageFlaw.broken("its headers contradict each other");
      }
      return (byte[]) raster.getDataElements(0, 0, header.width(), header.height(), (Object) null);
    } catch (IOException | RuntimeException e) {
      // The JDK's reader throws exceptions of any kind for some broken files.
      throw ImageFlaw.broken(String.valueOf(e.getMessage()));
    } finally {
      reader.dispose();
    }
  }

  /**
   * Where a component has half of the rows, libjpeg-turbo puts a quarter of the next row into each;
   * the JDK's libjpeg repeats them.
   */
  private void smoothRows(int component) {
    int rows = Math.ceilDiv(height, 2);
    byte[] column = new byte[rows];
    for (int x = 0; x < width; x++) {
      for (int i = 0; i < rows; i++) {
        column[i] = samples[place(x, 2 * i, component)];
      }
      for (int y = 0; y < height; y++) {
        int near = y / 2;
        int far = Math.clamp(y % 2 == 0 ? near - 1 : near + 1, 0, rows - 1);
        int sum = 3 * (column[near] & 0xFF) + (column[far] & 0xFF) + 1 + y % 2;
        samples[place(x, y, component)] = (byte) (sum >> 2);
      }
    }
  }

  private int place(int x, int y, int component) {
    return (y * width + x) * components + component;
  }

  private Pixels rgb() {
    if (header.isLuminance()) {
      toColours();
    }
    return switch (components) {
      case 1 -> new Pixels(width, height, 1, samples).withChannels(3);
      case 3 -> new Pixels(width, height, 3, samples);
      default -> new Pixels(width, height, 3, fromInks());
    };
  }

  /** YCbCr as red, green and blue, as libjpeg's jdcolor.c; of four components the fourth stays. */
  private void toColours() {
    for (int i = 0; i < samples.length; i += components) {
      int y = samples[i] & 0xFF;
      int cb = (samples[i + 1] & 0xFF) - 128;
      int cr = (samples[i + 2] & 0xFF) - 128;
      samples[i] = clamped(y + (91881 * cr + 32768 >> 16));
      samples[i + 1] = clamped(y + (-22554 * cb - 46802 * cr + 32768 >> 16));
      samples[i + 2] = clamped(y + (116130 * cb + 32768 >> 16));
    }
  }

  /**
   * CMYK as red, green and blue as Pillow converts it. Files hold what is left white of an ink, as
   * Adobe writes them.
   */
  private byte[] fromInks() {
    boolean inverted = header.isLuminance(); // libjpeg makes inks of YCCK's colours
    byte[] rgb = new byte[samples.length / 4 * 3];
    for (int i = 0; i < samples.length / 4; i++) {
      int white = samples[4 * i + 3] & 0xFF;
      for (int c = 0; c < 3; c++) {
        int sample = samples[4 * i + c] & 0xFF;
        int ink = inverted ? sample : 255 - sample;
        rgb[3 * i + c] = clamped(white - scaled(ink, white));
      }
    }
    return rgb;
  }

  /** a b / 255, rounded. */
  private static int scaled(int a, int b) {
    int product = a * b + 128;
    return (product >> 8) + product >> 8;
  }

  private static byte clamped(int value) {
    return (byte) Math.clamp(value, 0, 255);
  }
}
