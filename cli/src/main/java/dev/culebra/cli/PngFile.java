package dev.culebra.cli;

import dev.culebra.runtime.BadInputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Writes images for people. */
final class PngFile {

  private PngFile() {}

  /**
   * Writes an image.
   *
   * @throws BadInputException if there is no place for it
   */
  static void write(BufferedImage image, Path file) {
    try {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      if (!ImageIO.write(image, "png", png)) {
        throw new IllegalStateException("this Java cannot write PNG files");
      }
      Files.write(file, png.toByteArray());
    } catch (IOException e) {
      throw new BadInputException("cannot write the images to " + file + ": " + e.getMessage(), e);
    }
  }
}
