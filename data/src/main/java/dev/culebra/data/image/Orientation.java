package dev.culebra.data.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an image is to be turned so that it stands upright, from 1 (as it is) to 8: the tag
 * Orientation of Exif (CIPA DC-008), or of XMP where there is no such tag.
 */
final class Orientation {
  static final int UPRIGHT = 1;

  private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
  private static final int TAG = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int ENTRY = 12;
  private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private Orientation() {}

  /**
   * What the metadata of a file says.
   *
   * @param exif a TIFF header with its directory, perhaps behind "Exif" and two zeros; null if
   *     there is none
   * @param xmp null if there is none
   */
  static int of(byte[] exif, byte[] xmp) {
    OptionalInt tag = exif == null ? OptionalInt.empty() : inExif(exif);
    if (tag.isPresent() || xmp == null) {
      return tag.orElse(UPRIGHT);
    }
    Matcher found = XMP.matcher(new String(xmp, StandardCharsets.ISO_8859_1));
    return found.find() ? Integer.parseInt(found.group(1)) : UPRIGHT;
  }

  private static OptionalInt inExif(byte[] exif) {
    int start = 0;
    while (startsAt(exif, start)) {
      start += EXIF.length;
    }
    ByteBuffer tiff = ByteBuffer.wrap(exif, start, exif.length - start).slice();
    try {
      return inDirectory(tiff);
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return OptionalInt.empty(); // cut off: it does not say
    }
  }

  private static boolean startsAt(byte[] bytes, int start) {
    for (int i = 0; i < EXIF.length; i++) {
      if (start + i >= bytes.length || bytes[start + i] != EXIF[i]) {
        return false;
      }
    }
    return true;
  }

  private static OptionalInt inDirectory(ByteBuffer tiff) {
    short order = tiff.getShort();
    tiff.order(order == 0x4949 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (order != 0x4949 && order != 0x4D4D || tiff.getShort() != 42) {
      return OptionalInt.empty();
    }
    tiff.position(tiff.getInt());
    int entries = Short.toUnsignedInt(tiff.getShort());
    int first = tiff.position();
    for (int i = 0; i < entries; i++) {
      int at = first + ENTRY * i;
      if (Short.toUnsignedInt(tiff.getShort(at)) == TAG) {
        return value(tiff, at);
      }
    }
    return OptionalInt.empty();
  }

  private static OptionalInt value(ByteBuffer tiff, int entry) {
    int type = tiff.getShort(entry + 2);
    long count = Integer.toUnsignedLong(tiff.getInt(entry + 4));
    if (count == 0 || type != SHORT && type != LONG) {
      return OptionalInt.empty();
    }
    boolean here = count * (type == SHORT ? 2 : 4) <= 4;
    int at = here ? entry + 8 : tiff.getInt(entry + 8);
    return OptionalInt.of(type == SHORT ? Short.toUnsignedInt(tiff.getShort(at)) : tiff.getInt(at));
  }

  /** The image upright. */
  static Pixels apply(int orientation, Pixels image) {
    if (orientation <= UPRIGHT || orientation > 8) {
      return image;
    }
    boolean turned = orientation >= 5;
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int channels = image.channels();
    int width = turned ? image.height() : image.width();
    int height = turned ? image.width() : image.height();
    byte[] upright = new byte[image.bytes().length];
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int column = turned ? y : x;
        int row = turned ? x : y;
        int from =
            (fromBottom ? image.height() - 1 - row : row) * image.width()
                + (fromRight ? image.width() - 1 - column : column);
        for (int c = 0; c < channels; c++) {
          upright[at++] = image.bytes()[from * channels + c];
        }
      }
    }
    return new Pixels(width, height, channels, upright);
  }
}
