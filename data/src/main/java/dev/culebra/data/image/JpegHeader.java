package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The segments of a JPEG file (ITU-T T.81, annex B) up to the end of its first image: its sizes and
 * what says how its samples are colours; and a file that has nothing but what decoding needs.
 */
final class JpegHeader {
  private static final int SOF0 = 0xC0;
  private static final int SOF2 = 0xC2;
  private static final int DHT = 0xC4;
  private static final int DAC = 0xCC;
  private static final int RST0 = 0xD0;
  private static final int SOI = 0xD8;
  private static final int EOI = 0xD9;
  private static final int SOS = 0xDA;
  private static final int DQT = 0xDB;
  private static final int DRI = 0xDD;
  private static final int APP0 = 0xE0;
  private static final int APP1 = 0xE1;
  private static final int APP14 = 0xEE;
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** Blocks of 8 x 8 samples that all scans go through: seconds of work. */
  private static final long MOST_BLOCKS = 1L << 28;

  private final byte[] file;
  private final ByteArrayOutputStream essential;
  private int at = 2;
  private byte[] frame;
  private boolean jfif;
  private int adobe = -1;
  private byte[] exif;
  private byte[] xmp;
  private long scans;
  private long scanned;

  private JpegHeader(byte[] file) {
    this.file = file;
    this.essential = new ByteArrayOutputStream(file.length);
  }

  static JpegHeader read(byte[] file) throws ImageFlaw {
    JpegHeader header = new JpegHeader(file);
    header.walk();
    header.check();
    return header;
  }

  private void walk() throws ImageFlaw {
    essential.write(0xFF);
    essential.write(SOI);
    for (int marker = marker(); marker != EOI; marker = marker()) {
      if (marker != 0x01 && (marker < RST0 || marker > SOI)) {
        segment(marker);
      }
    }
    essential.write(0xFF);
    essential.write(EOI);
  }

  /** The next marker; what stands before it is passed over. */
  private int marker() throws ImageFlaw {
    while (at + 1 < file.length) {
      int second = file[at + 1] & 0xFF;
      if (file[at++] == (byte) 0xFF && second != 0 && second != 0xFF) {
        at++;
        return second;
      }
    }
    throw ImageFlaw.truncated();
  }

  private void segment(int marker) throws ImageFlaw {
    int length = at + 1 < file.length ? (file[at] & 0xFF) << 8 | file[at + 1] & 0xFF : 2;
    if (length < 2 || at + length > file.length) {
      throw ImageFlaw.truncated();
    }
    byte[] data = Arrays.copyOfRange(file, at + 2, at + length);
    int start = at;
    at += length;
    if (marker >= SOF0 && marker < RST0 && marker != DHT && marker != DAC) {
      frame(marker, data);
    } else if (marker == SOS) {
      scans++;
      skipScan();
      scanned += at - start - length;
    } else if (scans == 0) {
      metadata(marker, data);
    }
    if (marker < RST0 || marker == SOS || marker == DQT || marker == DRI) {
      essential.write(0xFF);
      essential.write(marker);
      essential.write(file, start, at - start);
    }
  }

  private void frame(int marker, byte[] data) throws ImageFlaw {
    if (marker > SOF2) {
      boolean arithmetic = marker >= 0xC9 && marker != 0xCB;
      throw new ImageFlaw(
          Format.text(
              "is a JPEG of a rare kind (%s): save it as a usual JPEG or as PNG",
              arithmetic ? "arithmetic coding" : "lossless or hierarchical"));
    }
    if (frame != null || data.length < 6 || data.length < 6 + 3 * data[5]) {
      throw ImageFlaw.broken("its frame header is damaged");
    }
    if (data[0] != 8) {
      throw new ImageFlaw(
          Format.text("is a JPEG of %d bits, where 8 are usual: save it anew", data[0]));
    }
    frame = data;
    if (components() != 1 && components() != 3 && components() != 4) {
      throw ImageFlaw.broken(Format.text("it has %d components", components()));
    }
    ImageBounds.check(width(), height(), 3 + components());
  }

  /** Passes over coded data, up to a marker that does not belong to them. */
  private void skipScan() throws ImageFlaw {
    while (at + 1 < file.length) {
      int second = file[at + 1] & 0xFF;
      boolean within = second == 0 || second == 0xFF || second >= RST0 && second < SOI;
      if (file[at] == (byte) 0xFF && !within) {
        return;
      }
      at++;
    }
    throw ImageFlaw.truncated();
  }

  private void metadata(int marker, byte[] data) {
    if (marker == APP0 && begins(data, "JFIF\0") && data.length >= 14) {
      jfif = true;
    } else if (marker == APP14 && begins(data, "Adobe") && data.length >= 12) {
      adobe = data[11] & 0xFF;
    } else if (marker == APP1 && begins(data, "Exif\0\0")) {
      exif = exif == null ? data : joined(exif, Arrays.copyOfRange(data, 6, data.length));
    } else if (marker == APP1 && begins(data, XMP)) {
      xmp = Arrays.copyOfRange(data, XMP.length(), data.length);
    }
  }

  private static boolean begins(byte[] data, String start) {
    byte[] wanted = start.getBytes(StandardCharsets.ISO_8859_1);
    return data.length >= wanted.length
        && Arrays.equals(data, 0, wanted.length, wanted, 0, wanted.length);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private void check() throws ImageFlaw {
    if (frame == null || scans == 0) {
      throw ImageFlaw.broken("it has no image, only tables");
    }
    long blocks = Math.ceilDiv((long) width(), 8) * Math.ceilDiv(height(), 8);
    if (blocks > 1 && blocks > 8 * 4 * scanned) { // a block takes a bit at the least
      throw ImageFlaw.truncated();
    }
    if (blocks * scans > MOST_BLOCKS) {
      throw new ImageFlaw(Format.text("is a JPEG of %,d scans: too many to be read", scans));
    }
  }

  int width() {
    return (frame[3] & 0xFF) << 8 | frame[4] & 0xFF;
  }

  int height() {
    return (frame[1] & 0xFF) << 8 | frame[2] & 0xFF;
  }

  int components() {
    return frame[5];
  }

  private int id(int component) {
    return frame[6 + 3 * component];
  }

  /** Horizontal and vertical sampling of a component, four bits each. */
  private int sampling(int component) {
    return frame[7 + 3 * component] & 0xFF;
  }

  /** Whether a component has half of the rows and all of the columns of the first. */
  boolean hasHalfTheRows(int component) {
    return sampling(0) == 0x12 && sampling(component) == 0x11;
  }

  /** Whether the first three components are brightness and two differences, as libjpeg guesses. */
  boolean isLuminance() {
    if (components() == 4) {
      return adobe > 0;
    }
    if (components() == 1 || jfif) {
      return components() == 3;
    }
    return adobe >= 0 ? adobe != 0 : !(id(0) == 'R' && id(1) == 'G' && id(2) == 'B');
  }

  int orientation() {
    return Orientation.of(exif, xmp);
  }

  /** The file without metadata. */
  byte[] essential() {
    return essential.toByteArray();
  }
}
