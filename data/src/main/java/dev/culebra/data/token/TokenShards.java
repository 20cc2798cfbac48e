package dev.culebra.data.token;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Corpus;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The token ids of a corpus in memory-mapped files: a corpus larger than memory costs address space
 * only. Documents follow one another, each ended by {@link #endOfText}; tokens and documents are
 * numbered through all shards. May be shared by threads; use after close is an exception.
 */
public final class TokenShards implements AutoCloseable {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private record Shard(Path file, ShardHeader header, MemorySegment bytes) {}

  private final Arena arena;
  private final List<Shard> shards;
  private final ShardHeader first;

  /** For each shard, and once more at the end: how many tokens and documents come before it. */
  private final long[] tokensBefore;

  private final long[] documentsBefore;
  private boolean closed;

  private TokenShards(Arena arena, List<Shard> shards) {
    this.arena = arena;
    this.shards = List.copyOf(shards);
    this.first = shards.getFirst().header;
    this.tokensBefore = new long[shards.size() + 1];
    this.documentsBefore = new long[shards.size() + 1];
    for (int s = 0; s < shards.size(); s++) {
      ShardHeader header = shards.get(s).header;
      tokensBefore[s + 1] = Math.addExact(tokensBefore[s], header.tokens());
      documentsBefore[s + 1] = Math.addExact(documentsBefore[s], header.documents());
    }
  }

  static Path file(Path folder, int number) {
    return folder.resolve(Format.text("tokens-%05d.bin", number));
  }

  /**
   * Encodes a corpus into new shards of a folder.
   *
   * @param bad counts the rows of the corpus that cannot be used; fresh
   */
  public static TokenShards build(Corpus corpus, BadRows bad, Tokenizer tokenizer, Path folder) {
    return build(corpus, bad, tokenizer, Template.NONE, folder);
  }

  /**
   * Encodes a corpus into new shards of a folder.
   *
   * @param bad counts the rows of the corpus that cannot be used; fresh
   * @param around what each document begins with; its end is {@link #endOfText}
   */
  public static TokenShards build(
      Corpus corpus, BadRows bad, Tokenizer tokenizer, Template around, Path folder) {
    try (ShardWriter writer = new ShardWriter(folder, tokenizer)) {
      corpus.read(
          bad,
          document -> {
            int[] ids = tokenizer.encode(document.text());
            writer.add(ids.length == 0 ? ids : around.open(ids));
          });
      return writer.finish();
    }
  }

  /**
   * Maps the shards of a folder. Headers, sizes and tables are checked here, ids whenever they are
   * read, and everything by {@link #verify}.
   *
   * @throws BadInputException if one is missing, truncated, tampered with or not a shard
   */
  public static TokenShards open(Path folder) {
    Arena arena = Arena.ofShared();
    try {
      List<Shard> shards = new ArrayList<>();
      while (shards.isEmpty() || !shards.getLast().header.last()) {
        Shard shard = map(file(folder, shards.size()), arena);
        checkBelongs(shard, shards);
        shards.add(shard);
      }
      return new TokenShards(arena, shards);
    } catch (Throwable t) {
      arena.close();
      throw t;
    }
  }

  private static Shard map(Path file, Arena arena) {
    if (!Files.exists(file)) {
      throw new BadInputException("There is no token shard " + file + ": make the shards again");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < ShardHeader.BYTES) {
        throw ShardHeader.bad(file, Format.text("it is %d bytes long", size));
      }
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      byte[] head = bytes.asSlice(0, ShardHeader.BYTES).toArray(ValueLayout.JAVA_BYTE);
      ShardHeader header = ShardHeader.read(head, size, file);
      checkTable(file, header, bytes);
      return new Shard(file, header, bytes);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void checkBelongs(Shard shard, List<Shard> before) {
    ShardHeader header = shard.header;
    if (header.number() != before.size()) {
      throw ShardHeader.bad(shard.file, "it is shard " + header.number() + " by its header");
    }
    if (!before.isEmpty()
        && (header.vocabularySize() != before.getFirst().header.vocabularySize()
            || header.endOfText() != before.getFirst().header.endOfText())) {
      throw ShardHeader.bad(shard.file, "its vocabulary is not that of shard 0");
    }
  }

  private static void checkTable(Path file, ShardHeader header, MemorySegment bytes) {
    if (crc(bytes, header.tableOffset(), header.fileBytes()) != header.tableCrc()) {
      throw ShardHeader.bad(file, "its table does not match its checksum");
    }
    long before = 0;
    for (long i = 0; i < header.documents(); i++) {
      long end = bytes.get(I64, header.tableOffset() + i * Long.BYTES);
      if (end <= before) {
        throw ShardHeader.bad(file, Format.text("document %d ends at %d", i, end));
      }
      before = end;
    }
    if (before != header.tokens()) {
      throw ShardHeader.bad(file, Format.text("its documents end at token %d", before));
    }
  }

  private static int crc(MemorySegment bytes, long from, long to) {
    CRC32C crc = new CRC32C();
    for (long at = from; at < to; at += 1 << 30) {
      crc.update(bytes.asSlice(at, Math.min(1 << 30, to - at)).asByteBuffer());
    }
    return (int) crc.getValue();
  }

  /**
   * Reads everything once, in pieces: checksums, ids within the vocabulary, every document ended.
   * So {@link #fingerprint} is known to be that of the bytes.
   *
   * @return this
   * @throws BadInputException that names the shard
   */
  public TokenShards verify() {
    return verify(_ -> {});
  }

  /**
   * The same for people who wait.
   *
   * @param progress told in a line now and then, if it takes more than a second
   */
  public TokenShards verify(Consumer<String> progress) {
    int[] chunk = new int[1 << 16];
    long told = System.nanoTime();
    for (int s = 0; s < shards.size(); s++) {
      Shard shard = shards.get(s);
      ShardHeader header = shard.header;
      CRC32C crc = new CRC32C();
      for (long at = 0; at < header.tokens(); at += chunk.length) {
        int count = Math.toIntExact(Math.min(chunk.length, header.tokens() - at));
        long offset = ShardHeader.BYTES + at * header.tokenBytes();
        crc.update(shard.bytes.asSlice(offset, (long) count * header.tokenBytes()).asByteBuffer());
        copy(shard, at, chunk, 0, count);
        if (System.nanoTime() - told > 1_000_000_000L) {
          told = System.nanoTime();
          progress.accept(
              Format.text(
                  "checking    the tokens in %s, %d %%",
                  shard.file, 100 * (tokensBefore[s] + at) / tokens()));
        }
      }
      if ((int) crc.getValue() != header.tokensCrc()) {
        throw ShardHeader.bad(shard.file, "its tokens do not match their checksum");
      }
      for (long i = 0; i < header.documents(); i++) {
        copy(shard, shard.bytes.get(I64, header.tableOffset() + i * Long.BYTES) - 1, chunk, 0, 1);
        if (chunk[0] != header.endOfText()) {
          throw ShardHeader.bad(shard.file, Format.text("document %d has no end", i));
        }
      }
    }
    return this;
  }

  /**
   * Copies tokens {@code [from, from + count)} to {@code target[at, at + count)}.
   *
   * @throws BadInputException if one is outside the vocabulary
   */
  public void copy(long from, int[] target, int at, int count) {
    if (from < 0 || count < 0 || count > tokens() - from) {
      throw new IndexOutOfBoundsException(
          Format.text("Tokens [%d, %d) of %d", from, from + count, tokens()));
    }
    int done = 0;
    for (int s = indexOf(tokensBefore, from); done < count; s++) {
      Shard shard = shards.get(s);
      long start = from + done - tokensBefore[s];
      int part = Math.toIntExact(Math.min(count - done, shard.header.tokens() - start));
      copy(shard, start, target, at + done, part);
      done += part;
    }
  }

  private static void copy(Shard shard, long from, int[] target, int at, int count) {
    ShardHeader header = shard.header;
    long offset = ShardHeader.BYTES + from * header.tokenBytes();
    boolean narrow = header.tokenBytes() == Short.BYTES;
    for (int i = 0; i < count; i++) {
      int id =
          narrow
              ? Short.toUnsignedInt(shard.bytes.get(U16, offset + (long) i * Short.BYTES))
              : shard.bytes.get(I32, offset + (long) i * Integer.BYTES);
      if (id < 0 || id >= header.vocabularySize()) {
        throw ShardHeader.bad(
            shard.file,
            Format.text(
                "token %d is id %d, outside the vocabulary of %d",
                from + i, id, header.vocabularySize()));
      }
      target[at + i] = id;
    }
  }

  /**
   * Which shard holds an index, given how many come before each shard (none is empty where there
   * are several).
   */
  private static int indexOf(long[] before, long index) {
    int found = Arrays.binarySearch(before, index);
    return found >= 0 ? found : -found - 2;
  }

  /** How many tokens there are, ends of documents included. */
  public long tokens() {
    return tokensBefore[shards.size()];
  }

  /** How many documents there are. */
  public long documents() {
    return documentsBefore[shards.size()];
  }

  /** The token after the last one of a document. */
  public long documentEnd(long document) {
    if (document < 0 || document >= documents()) {
      throw new IndexOutOfBoundsException(Format.text("Document %d of %d", document, documents()));
    }
    int s = indexOf(documentsBefore, document);
    Shard shard = shards.get(s);
    long place = shard.header.tableOffset() + (document - documentsBefore[s]) * Long.BYTES;
    return tokensBefore[s] + shard.bytes.get(I64, place);
  }

  /** How many ids the tokenizer has. */
  public int vocabularySize() {
    return first.vocabularySize();
  }

  /** The id that ends each document. */
  public int endOfText() {
    return first.endOfText();
  }

  /** A hash of the content: two sets of shards with the same tokens and documents have the same. */
  public long fingerprint() {
    long hash = Mix64.of(first.vocabularySize(), first.endOfText());
    for (Shard shard : shards) {
      hash = Mix64.of(hash, shard.header.tokensCrc(), shard.header.tableCrc());
    }
    return hash;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
