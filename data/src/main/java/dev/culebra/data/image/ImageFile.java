package dev.culebra.data.image;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads a PNG or JPEG file as red, green and blue: what Pillow gives after {@code exif_transpose}
 * and {@code convert("RGB")}, which is how transformers loads images. So transparency is dropped,
 * colour profiles and gamma are not applied, and of 16 bits of grey all above 255 is white.
 */
public final class ImageFile {
  private static final long MOST_BYTES = 1L << 30;

  private ImageFile() {}

  /** Whether the name says that a file is an image. */
  public static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg");
  }

  /**
   * The image in a file.
   *
   * @throws BadInputException if it is no regular file, no PNG or JPEG, broken or too large
   */
  public static Pixels read(Path file) {
    try {
      byte[] bytes = bytes(file);
      ImageKind kind = ImageKind.of(bytes);
      return switch (kind) {
        case PNG -> PngImage.read(bytes);
        case JPEG -> JpegImage.read(bytes);
        default -> throw kind.unread();
      };
    } catch (ImageFlaw e) {
      throw new BadInputException(file + " " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Path file) throws ImageFlaw {
    if (!Files.exists(file)) {
      throw new BadInputException("There is no image " + file);
    }
    if (!Files.isRegularFile(file)) {
      throw new ImageFlaw("is no regular file: images are read from files");
    }
    try {
      long size = Files.size(file);
      if (size > Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / 4)) {
        throw new ImageFlaw(Format.text("has %,d bytes: too many for one image", size));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
