package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (W3C, Portable Network Graphics, section 5), each checked by its CRC, up
 * to the one that ends the file.
 */
final class PngChunks {
  private static final int SIGNATURE = 8;
  private static final int FRAME = 12;

  /**
   * A chunk.
   *
   * @param start of its data in the file
   */
  record Chunk(String type, int start, int length) {}

  private final byte[] file;
  private final List<Chunk> chunks = new ArrayList<>();

  PngChunks(byte[] file) throws ImageFlaw {
    this.file = file;
    ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE);
    do {
      chunks.add(next(in));
    } while (!chunks.getLast().type.equals("IEND"));
    if (!chunks.getFirst().type.equals("IHDR")) {
      throw ImageFlaw.broken("its first chunk is not IHDR");
    }
  }

  private Chunk next(ByteBuffer in) throws ImageFlaw {
    if (in.remaining() < FRAME) {
      throw ImageFlaw.truncated();
    }
    long length = Integer.toUnsignedLong(in.getInt());
    int at = in.position();
    String type = new String(file, at, 4, StandardCharsets.ISO_8859_1);
    if (!type.matches("[A-Za-z]{4}")) {
      throw ImageFlaw.broken("where a chunk should begin there is none");
    }
    if (length > in.remaining() - 8) {
      throw ImageFlaw.truncated();
    }
    CRC32 sum = new CRC32();
    sum.update(file, at, (int) length + 4);
    in.position(at + 4 + (int) length);
    if (in.getInt() != (int) sum.getValue()) {
      throw ImageFlaw.broken(Format.text("the checksum of its chunk %s is wrong", type));
    }
    return new Chunk(type, at + 4, (int) length);
  }

  /** All chunks of a type. */
  List<Chunk> all(String type) {
    return chunks.stream().filter(chunk -> chunk.type.equals(type)).toList();
  }

  /** The data of the last chunk of a type, or null. */
  byte[] data(String type) {
    List<Chunk> found = all(type);
    return found.isEmpty() ? null : data(found.getLast());
  }

  /** The data of a chunk. */
  byte[] data(Chunk chunk) {
    return Arrays.copyOfRange(file, chunk.start, chunk.start + chunk.length);
  }
}
