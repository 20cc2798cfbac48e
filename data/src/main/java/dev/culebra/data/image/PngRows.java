package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;
import java.util.Iterator;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The rows of a PNG file, decompressed and freed from their filters (section 9 of the standard).
 */
final class PngRows implements AutoCloseable {
  /** Bytes that deflate can make of one, at most, with some to spare. */
  private static final long MOST_GROWTH = 1040;

  private final byte[] file;
  private final Iterator<PngChunks.Chunk> data;
  private final long compressed;
  private final int step;
  private final Inflater inflater = new Inflater();

  PngRows(byte[] file, List<PngChunks.Chunk> data, int step) {
    this.file = file;
    this.data = data.iterator();
    this.compressed = data.stream().mapToLong(PngChunks.Chunk::length).sum();
    this.step = step;
  }

  /** Refuses data that cannot become so many bytes, before anything is allocated for them. */
  void require(long bytes) throws ImageFlaw {
    if (bytes > compressed * MOST_GROWTH) {
      throw ImageFlaw.truncated();
    }
  }

  /**
   * The next row.
   *
   * @param row receives it, behind the byte of its filter
   * @param before the row above, all zeros for the first
   */
  void next(byte[] row, byte[] before, int length) throws ImageFlaw {
    fill(row, length + 1);
    switch (row[0]) {
      case 0 -> {}
      case 1 -> {
        for (int i = 1 + step; i <= length; i++) {
          row[i] += row[i - step];
        }
      }
      case 2 -> {
        for (int i = 1; i <= length; i++) {
          row[i] += before[i];
        }
      }
      case 3 -> {
        for (int i = 1; i <= length; i++) {
          int left = i > step ? row[i - step] & 0xFF : 0;
          row[i] += (byte) ((left + (before[i] & 0xFF)) / 2);
        }
      }
      case 4 -> {
        for (int i = 1; i <= length; i++) {
          int left = i > step ? row[i - step] & 0xFF : 0;
          int corner = i > step ? before[i - step] & 0xFF : 0;
          row[i] += (byte) paeth(left, before[i] & 0xFF, corner);
        }
      }
      default -> throw ImageFlaw.broken(Format.text("a row has the filter %d", row[0]));
    }
  }

  private static int paeth(int left, int above, int corner) {
    int byLeft = Math.abs(above - corner);
    int byAbove = Math.abs(left - corner);
    int byCorner = Math.abs(left + above - 2 * corner);
    if (byLeft <= byAbove && byLeft <= byCorner) {
      return left;
    }
    return byAbove <= byCorner ? above : corner;
  }

  private void fill(byte[] target, int length) throws ImageFlaw {
    int at = 0;
    while (at < length) {
      int more = inflate(target, at, length - at);
      if (more == 0) {
        throw ImageFlaw.truncated();
      }
      at += more;
    }
  }

  /** Reads up to the checksum of the data; some programs write more of them than rows. */
  void finish() throws ImageFlaw {
    byte[] rest = new byte[1 << 16];
    inflate(rest, 0, rest.length);
  }

  private int inflate(byte[] target, int at, int length) throws ImageFlaw {
    try {
      int count = inflater.inflate(target, at, length);
      while (count == 0 && !inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw ImageFlaw.broken("its data need a dictionary");
        }
        if (!data.hasNext()) {
          throw ImageFlaw.truncated();
        }
        PngChunks.Chunk chunk = data.next();
        inflater.setInput(file, chunk.start(), chunk.length());
        count = inflater.inflate(target, at, length);
      }
      return count;
    } catch (DataFormatException e) {
      throw ImageFlaw.broken(Format.text("its data are damaged (%s)", e.getMessage()));
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
