package dev.culebra.data.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** What the text of a PNG file says of its orientation, where Pillow looks for it. */
final class PngText {
  private static final String RAW_EXIF = "Raw profile type exif";
  private static final String XMP = "XML:com.adobe.xmp";

  /** Decompressed text that is read, at most. */
  private static final int LONGEST = 1 << 20;

  private PngText() {}

  static int orientation(PngChunks chunks) {
    byte[] exif = chunks.data("eXIf");
    byte[] xmp = null;
    byte[] raw = null;
    for (String type : new String[] {"tEXt", "zTXt", "iTXt"}) {
      for (PngChunks.Chunk chunk : chunks.all(type)) {
        byte[] data = chunks.data(chunk);
        if (isNamed(data, RAW_EXIF) && !type.equals("iTXt")) {
          raw = text(type, data, RAW_EXIF.length() + 1);
        } else if (isNamed(data, XMP)) {
          xmp = text(type, data, XMP.length() + 1);
        }
      }
    }
    return Orientation.of(exif == null && raw != null ? hexadecimal(raw) : exif, xmp);
  }

  private static boolean isNamed(byte[] data, String keyword) {
    byte[] name = (keyword + '\0').getBytes(StandardCharsets.ISO_8859_1);
    return data.length >= name.length && Arrays.equals(data, 0, name.length, name, 0, name.length);
  }

  /** The text behind a keyword, or null if it cannot be read. */
  private static byte[] text(String type, byte[] data, int start) {
    return switch (type) {
      case "tEXt" -> Arrays.copyOfRange(data, start, data.length);
      case "zTXt" -> inflated(data, start + 1);
      default -> international(data, start);
    };
  }

  /** Behind a flag and a method of compression stand a language and a translated keyword. */
  private static byte[] international(byte[] data, int start) {
    int at = start + 2;
    for (int zeros = 0; zeros < 2; at++) {
      if (at >= data.length) {
        return null;
      }
      zeros += data[at] == 0 ? 1 : 0;
    }
    return data[start] == 0 ? Arrays.copyOfRange(data, at, data.length) : inflated(data, at);
  }

  private static byte[] inflated(byte[] data, int start) {
    if (start >= data.length) {
      return null;
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(data, start, data.length - start);
      byte[] text = new byte[LONGEST];
      return Arrays.copyOf(text, inflater.inflate(text));
    } catch (DataFormatException e) {
      return null;
    } finally {
      inflater.end();
    }
  }

  /** ImageMagick's form: an empty line, a name, a length, then lines of hexadecimal digits. */
  private static byte[] hexadecimal(byte[] text) {
    String[] lines = new String(text, StandardCharsets.ISO_8859_1).split("\n", 4);
    try {
      return lines.length < 4 ? null : HexFormat.of().parseHex(lines[3].replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
