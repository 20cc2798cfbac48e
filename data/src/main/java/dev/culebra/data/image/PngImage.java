package dev.culebra.data.image;

import java.util.List;

/** Decodes PNG as red, green and blue. */
final class PngImage {

  /** Adam7: first column and row, and the steps between columns and rows, of each pass. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  private final PngHeader header;
  private final byte[] palette;
  private final byte[] rgb;

  private PngImage(PngHeader header, byte[] palette) {
    this.header = header;
    this.palette = palette;
    this.rgb = new byte[Math.multiplyExact(3 * header.width(), header.height())];
  }

  static Pixels read(byte[] file) throws ImageFlaw {
    PngChunks chunks = new PngChunks(file);
    PngHeader header = PngHeader.read(chunks.data("IHDR"));
    List<PngChunks.Chunk> data = chunks.all("IDAT");
    try (PngRows rows = new PngRows(file, data, header.step())) {
      rows.require((long) header.rowBytes(header.width()) * header.height());
      PngImage image = new PngImage(header, palette(header, chunks.data("PLTE")));
      for (int[] pass : header.interlaced() ? PASSES : WHOLE) {
        image.read(rows, pass);
      }
      rows.finish();
      Pixels pixels = new Pixels(header.width(), header.height(), 3, image.rgb);
      return Orientation.apply(PngText.orientation(chunks), pixels);
    }
  }

  /** Colours by value, three bytes each; for grey of few bits, too. Null for other kinds. */
  private static byte[] palette(PngHeader header, byte[] plte) throws ImageFlaw {
    if (header.colour() == PngHeader.PALETTE) {
      if (plte == null || plte.length > 768) {
        throw ImageFlaw.broken("its palette is missing or too long");
      }
      byte[] colours = new byte[768]; // values without a colour are black
      System.arraycopy(plte, 0, colours, 0, plte.length / 3 * 3);
      return colours;
    }
    if (header.depth() >= 8) {
      return null;
    }
    int most = (1 << header.depth()) - 1;
    byte[] greys = new byte[3 * (most + 1)];
    for (int i = 0; i < greys.length; i++) {
      greys[i] = (byte) (i / 3 * 255 / most);
    }
    return greys;
  }

  private void read(PngRows rows, int[] pass) throws ImageFlaw {
    int columns = Math.ceilDiv(header.width() - pass[0], pass[2]);
    int count = Math.ceilDiv(header.height() - pass[1], pass[3]);
    if (columns <= 0 || count <= 0) {
      return;
    }
    int length = header.rowBytes(columns);
    byte[] row = new byte[length + 1];
    byte[] before = new byte[length + 1];
    for (int i = 0; i < count; i++) {
      rows.next(row, before, length);
      int y = pass[1] + i * pass[3];
      write(row, columns, 3 * (y * header.width() + pass[0]), 3 * pass[2]);
      byte[] swapped = before;
      before = row;
      row = swapped;
    }
  }

  private void write(byte[] row, int columns, int first, int step) {
    if (palette != null) {
      indexed(row, columns, first, step);
    } else if (header.colour() == PngHeader.GREY && header.depth() == 16) {
      clipped(row, columns, first, step);
    } else {
      bytes(row, columns, first, step);
    }
  }

  private void indexed(byte[] row, int columns, int first, int step) {
    int depth = header.depth();
    int mask = (1 << depth) - 1;
    int at = first;
    for (int x = 0; x < columns; x++) {
      int bit = x * depth;
      int value = row[1 + bit / 8] >> (8 - depth - bit % 8) & mask;
      System.arraycopy(palette, 3 * value, rgb, at, 3);
      at += step;
    }
  }

  private void clipped(byte[] row, int columns, int first, int step) {
    int at = first;
    for (int x = 0; x < columns; x++) {
      byte value = row[1 + 2 * x] == 0 ? row[2 + 2 * x] : (byte) 255;
      rgb[at] = value;
      rgb[at + 1] = value;
      rgb[at + 2] = value;
      at += step;
    }
  }

  /** Samples of whole bytes: of 16 bits the upper eight; alpha is dropped. */
  private void bytes(byte[] row, int columns, int first, int step) {
    int sample = header.depth() / 8;
    int next = header.colour() == 2 || header.colour() == 6 ? sample : 0;
    int from = 1;
    int at = first;
    for (int x = 0; x < columns; x++) {
      rgb[at] = row[from];
      rgb[at + 1] = row[from + next];
      rgb[at + 2] = row[from + 2 * next];
      from += header.step();
      at += step;
    }
  }
}
