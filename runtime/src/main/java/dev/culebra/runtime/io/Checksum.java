package dev.culebra.runtime.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * Size and CRC-32C of a file.
 *
 * @param bytes the file's length
 * @param crc32c the checksum (polynomial of Castagnoli, as in iSCSI), eight hexadecimal digits
 */
public record Checksum(long bytes, String crc32c) {
  private static final int CHUNK = 1 << 20;

  static Checksum of(long bytes, CRC32C crc) {
    return new Checksum(bytes, HexFormat.of().toHexDigits((int) crc.getValue()));
  }

  /** Reads a whole file. */
  public static Checksum of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
      CRC32C crc = new CRC32C();
      long bytes = 0;
      while (channel.read(buffer) >= 0) {
        bytes += buffer.position();
        crc.update(buffer.flip());
        buffer.clear();
      }
      return of(bytes, crc);
    }
  }
}
