package dev.culebra.runtime.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Writes a safetensors file in a stream: tensors pass through one small buffer, so a tensor on a
 * device is never copied as a whole.
 *
 * <p>As the reference implementation does, tensors are laid out by descending alignment of their
 * type, then by name; the header is padded with spaces so that the data begin at a multiple of 8
 * bytes; the metadata say {@code "format": "pt"}, which {@code transformers} asks for. Equal
 * tensors and metadata give equal files.
 *
 * <pre>{@code
 * new SafetensorsWriter()
 *     .add(new TensorSpec("wte.weight", StoredType.F32, 8192, 128), weights)
 *     .write(folder.resolve("model.safetensors"));
 * }</pre>
 */
public final class SafetensorsWriter implements Content {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final Comparator<TensorSpec> LAYOUT =
      Comparator.comparing(TensorSpec::type)
          .reversed()
          .thenComparing(spec -> utf8(spec.name()), Arrays::compareUnsigned);

  private final Map<TensorSpec, Source> sources = new TreeMap<>(LAYOUT);
  private final Map<String, TensorSpec> names = new LinkedHashMap<>();
  private final SequencedMap<String, String> metadata = new LinkedHashMap<>();

  /** Gives a tensor's bytes piece by piece, in ascending order, each once. */
  @FunctionalInterface
  public interface Source {
    /**
     * Fills a piece of the tensor.
     *
     * @param offset the piece's first byte in the tensor; a multiple of the element size
     * @param chunk to be filled whole, with little-endian elements; valid during the call
     */
    void fill(long offset, MemorySegment chunk) throws IOException;
  }

  /** A file without tensors yet, and with the metadata {@code "format": "pt"}. */
  public SafetensorsWriter() {
    metadata.put("format", "pt");
  }

  /** Adds a free string to the header, or replaces it. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor whose bytes are in memory; they are read when the file is written.
   *
   * @throws IllegalArgumentException if the segment's size is not the tensor's, or the name is
   *     taken
   */
  public SafetensorsWriter add(TensorSpec spec, MemorySegment data) {
    if (data.byteSize() != spec.bytes()) {
      throw new IllegalArgumentException(
          Format.text(
              "%d bytes given for tensor %s, which has %d", data.byteSize(), spec, spec.bytes()));
    }
    return add(
        spec, (offset, chunk) -> MemorySegment.copy(data, offset, chunk, 0, chunk.byteSize()));
  }

  /**
   * Adds a tensor whose bytes are asked for when the file is written.
   *
   * @throws IllegalArgumentException if the name is taken
   */
  public SafetensorsWriter add(TensorSpec spec, Source source) {
    if (spec.name().equals(SafetensorsHeader.METADATA)
        || names.putIfAbsent(spec.name(), spec) != null) {
      throw new IllegalArgumentException("The name of tensor " + spec + " is taken");
    }
    sources.put(spec, source);
    return this;
  }

  /** The tensors, in the order in which they are written. */
  public List<TensorSpec> tensors() {
    return List.copyOf(sources.keySet());
  }

  /**
   * The same tensors in the same order in one or several files, of at most so many bytes each; a
   * larger tensor has a file of its own.
   */
  List<SafetensorsWriter> shards(long most) {
    List<SafetensorsWriter> shards = new ArrayList<>();
    SafetensorsWriter shard = null;
    long bytes = 0;
    for (Map.Entry<TensorSpec, Source> tensor : sources.entrySet()) {
      long more = tensor.getKey().bytes();
      if (shard == null || (bytes > 0 && more > most - bytes)) {
        shard = new SafetensorsWriter();
        shard.metadata.putAll(metadata);
        shards.add(shard);
        bytes = 0;
      }
      shard.add(tensor.getKey(), tensor.getValue());
      bytes += more;
    }
    return shard == null ? List.of(this) : shards;
  }

  /**
   * Writes the file and replaces an existing one as a whole ({@link DurableFiles#replace}).
   *
   * @throws IOException if that fails; an existing file is then still whole
   */
  public void write(Path file) throws IOException {
    DurableFiles.replace(file, this);
  }

  @Override
  public void writeTo(WritableByteChannel out) throws IOException {
    byte[] header = header();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chunk = arena.allocate(CHUNK_BYTES, Long.BYTES);
      chunk.set(LENGTH, 0, header.length);
      writeFully(out, chunk.asSlice(0, LENGTH.byteSize()).asByteBuffer());
      writeFully(out, ByteBuffer.wrap(header));
      for (Map.Entry<TensorSpec, Source> tensor : sources.entrySet()) {
        long bytes = tensor.getKey().bytes();
        for (long offset = 0; offset < bytes; offset += CHUNK_BYTES) {
          MemorySegment piece = chunk.asSlice(0, Math.min(CHUNK_BYTES, bytes - offset));
          tensor.getValue().fill(offset, piece);
          writeFully(out, piece.asByteBuffer());
        }
      }
    }
  }

  private byte[] header() throws IOException {
    List<SafetensorsHeader.Placed> placed = new ArrayList<>();
    long begin = 0;
    for (TensorSpec spec : sources.keySet()) {
      SafetensorsHeader.Placed tensor = new SafetensorsHeader.Placed(spec, begin);
      placed.add(tensor);
      begin = Math.addExact(begin, spec.bytes());
    }
    byte[] header = new SafetensorsHeader(metadata, placed).toBytes();
    if (header.length > SafetensorsHeader.LARGEST) {
      throw new IOException(
          Format.text(
              "the header of %d tensors has %d bytes, over the format's limit of %d",
              placed.size(), header.length, SafetensorsHeader.LARGEST));
    }
    return header;
  }

  private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  private static byte[] utf8(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }
}
