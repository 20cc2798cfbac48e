package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.zip.CRC32C;

/**
 * Streams documents of token ids into shard files ({@link ShardHeader}) of a folder. A document is
 * never cut: a shard ends with the document that fills it. Files carry their final names only once
 * {@link #finish} has written all of them; {@link #close} without it leaves none. One thread.
 */
public final class ShardWriter implements AutoCloseable {
  /** How many tokens fill a shard unless told otherwise. */
  public static final long TOKENS_PER_SHARD = 1L << 28;

  private final Path folder;
  private final int vocabularySize;
  private final int endOfText;
  private final int tokenBytes;
  private final long tokensPerShard;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();
  private final List<Path> partials = new ArrayList<>();
  private FileChannel channel;
  private long tokens;
  private long[] ends = new long[1 << 10];
  private int documents;
  private boolean closed;

  /** A writer of shards of {@link #TOKENS_PER_SHARD}. */
  public ShardWriter(Path folder, Tokenizer tokenizer) {
    this(folder, tokenizer.vocabularySize(), tokenizer.endOfText(), TOKENS_PER_SHARD);
  }

  /**
   * A writer.
   *
   * @param folder is made if it is missing, and must hold no shards
   * @param endOfText the id put after each document
   * @throws BadInputException if the folder holds shards
   */
  public ShardWriter(Path folder, int vocabularySize, int endOfText, long tokensPerShard) {
    if (endOfText < 0 || endOfText >= vocabularySize || tokensPerShard < 1) {
      throw new IllegalArgumentException(
          Format.text(
              "End of text %d, vocabulary %d, shards of %d",
              endOfText, vocabularySize, tokensPerShard));
    }
    this.folder = folder;
    this.vocabularySize = vocabularySize;
    this.endOfText = endOfText;
    this.tokenBytes = ShardHeader.tokenBytes(vocabularySize);
    this.tokensPerShard = tokensPerShard;
    try {
      DurableFiles.createFolders(folder);
      if (Files.exists(TokenShards.file(folder, 0))) {
        throw new BadInputException(
            "The folder " + folder + " already holds token shards: remove them or name another");
      }
      openShard();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /**
   * Appends a document and the token that ends it. A document without ids is left out.
   *
   * @throws BadInputException if an id is outside the vocabulary
   */
  public void add(int[] ids) {
    if (closed) {
      throw new IllegalStateException("The writer of " + folder + " is closed");
    }
    for (int id : ids) {
      if (id < 0 || id >= vocabularySize) {
        throw new BadInputException(
            Format.text("Token id %d is outside the vocabulary of %d", id, vocabularySize));
      }
    }
    if (ids.length == 0) {
      return;
    }
    try {
      if (tokens >= tokensPerShard) {
        endShard(false);
        openShard();
      }
      for (int id : ids) {
        put(id);
      }
      put(endOfText);
    } catch (IOException e) {
      throw failed(e);
    }
    tokens += ids.length + 1L;
    if (documents == ends.length) {
      ends = Arrays.copyOf(ends, Math.multiplyExact(documents, 2));
    }
    ends[documents++] = tokens;
  }

  /** Ends the last shard, gives the files their names, durably, and opens them. */
  public TokenShards finish() {
    if (closed) {
      throw new IllegalStateException("The writer of " + folder + " is closed");
    }
    try {
      endShard(true);
      SequencedMap<Path, Path> names = new LinkedHashMap<>();
      for (int i = 0; i < partials.size(); i++) {
        names.put(partials.get(i), TokenShards.file(folder, i));
      }
      DurableFiles.rename(names);
      partials.clear();
    } catch (IOException e) {
      throw failed(e);
    }
    close();
    return TokenShards.open(folder);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      channel.close();
      for (Path partial : partials) {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private void openShard() throws IOException {
    Path partial =
        TokenShards.file(folder, partials.size())
            .resolveSibling(TokenShards.file(folder, partials.size()).getFileName() + ".partial");
    channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    partials.add(partial);
    channel.position(ShardHeader.BYTES);
    tokens = 0;
    documents = 0;
    crc.reset();
  }

  private void endShard(boolean last) throws IOException {
    flush();
    int tokensCrc = (int) crc.getValue();
    ShardHeader sizes = header(last, tokensCrc, 0);
    channel.position(sizes.tableOffset());
    crc.reset();
    for (int i = 0; i < documents; i++) {
      if (buffer.remaining() < Long.BYTES) {
        flush();
      }
      buffer.putLong(ends[i]);
    }
    flush();
    ByteBuffer header = header(last, tokensCrc, (int) crc.getValue()).write();
    while (header.hasRemaining()) {
      channel.write(header, header.position());
    }
    channel.force(true);
    channel.close();
  }

  private ShardHeader header(boolean last, int tokensCrc, int tableCrc) {
    return new ShardHeader(
        tokenBytes,
        vocabularySize,
        endOfText,
        tokens,
        documents,
        partials.size() - 1,
        last,
        tokensCrc,
        tableCrc);
  }

  private void put(int id) throws IOException {
    if (buffer.remaining() < tokenBytes) {
      flush();
    }
    if (tokenBytes == Short.BYTES) {
      buffer.putShort((short) id);
    } else {
      buffer.putInt(id);
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    crc.update(buffer);
    buffer.rewind();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(
        "Cannot write token shards into " + folder + ": " + e.getMessage(), e);
  }
}
