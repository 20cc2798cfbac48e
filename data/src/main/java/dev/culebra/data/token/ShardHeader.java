package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The first {@value #BYTES} bytes of a token shard. All numbers are little-endian.
 *
 * <pre>
 *  0  8 bytes  "CULTOKEN"
 *  8  i32      version, 1
 * 12  i32      bytes per token: 2 (unsigned) for vocabularies of up to 65,536, else 4
 * 16  i32      vocabulary size
 * 20  i32      id that ends each document
 * 24  i64      tokens
 * 32  i64      documents
 * 40  i32      number of this shard, from 0
 * 44  i32      1 in the last shard, else 0
 * 48  i32      CRC-32C of the tokens' bytes
 * 52  i32      CRC-32C of the table
 * 56  i32      0
 * 60  i32      CRC-32C of the 60 bytes before
 * </pre>
 *
 * <p>Then come the tokens, zeros up to a multiple of 8, and the table: per document, in i64, where
 * it ends (in tokens from the start of the shard). A document's last token is the one that ends it.
 */
record ShardHeader(
    int tokenBytes,
    int vocabularySize,
    int endOfText,
    long tokens,
    long documents,
    int number,
    boolean last,
    int tokensCrc,
    int tableCrc) {
  static final int BYTES = 64;

  private static final long MAGIC = 0x4E454B4F544C5543L; // "CULTOKEN" read as a little-endian long
  private static final int VERSION = 1;
  private static final int CRC_AT = 60;

  /** How many bytes a token takes with a vocabulary of this size. */
  static int tokenBytes(int vocabularySize) {
    return vocabularySize <= 1 << 16 ? Short.BYTES : Integer.BYTES;
  }

  /** Where the table starts. */
  long tableOffset() {
    long end = Math.addExact(BYTES, Math.multiplyExact(tokens, tokenBytes));
    return Math.addExact(end, 7) & -8L;
  }

  /** How long the whole file is. */
  long fileBytes() {
    return Math.addExact(tableOffset(), Math.multiplyExact(documents, Long.BYTES));
  }

  ByteBuffer write() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(MAGIC).putInt(VERSION).putInt(tokenBytes).putInt(vocabularySize).putInt(endOfText);
    out.putLong(tokens).putLong(documents).putInt(number).putInt(last ? 1 : 0);
    out.putInt(tokensCrc).putInt(tableCrc).putInt(0).putInt(crc(out.array()));
    return out.flip();
  }

  /**
   * Reads and checks a header.
   *
   * @param bytes the first {@value #BYTES} bytes of the file
   * @param fileBytes how long the file is
   */
  static ShardHeader read(byte[] bytes, long fileBytes, Path file) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (in.getLong() != MAGIC) {
      throw bad(file, "does not start like one");
    }
    if (in.getInt(CRC_AT) != crc(bytes)) {
      throw bad(file, "its header does not match its checksum");
    }
    int version = in.getInt();
    if (version != VERSION) {
      throw bad(file, "its version is " + version + ", not " + VERSION);
    }
    int tokenBytes = in.getInt();
    int vocabularySize = in.getInt();
    int endOfText = in.getInt();
    long tokens = in.getLong();
    long documents = in.getLong();
    ShardHeader header =
        new ShardHeader(
            tokenBytes,
            vocabularySize,
            endOfText,
            tokens,
            documents,
            in.getInt(),
            in.getInt() == 1,
            in.getInt(),
            in.getInt());
    boolean sound =
        vocabularySize > 0
            && tokenBytes == tokenBytes(vocabularySize)
            && endOfText >= 0
            && endOfText < vocabularySize
            && tokens >= 0
            && tokens <= fileBytes / tokenBytes
            && documents >= 0
            && documents <= tokens
            && (documents > 0 || (header.number == 0 && header.last));
    if (!sound) {
      throw bad(
          file, Format.text("its header contradicts itself or the file's %d bytes", fileBytes));
    }
    if (header.fileBytes() != fileBytes) {
      throw bad(
          file,
          Format.text(
              "it is %d bytes long where its header says %d", fileBytes, header.fileBytes()));
    }
    return header;
  }

  static BadInputException bad(Path file, String why) {
    return new BadInputException(
        Format.text("%s is not a sound token shard (%s): make the shards again", file, why));
  }

  private static int crc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, CRC_AT);
    return (int) crc.getValue();
  }
}
