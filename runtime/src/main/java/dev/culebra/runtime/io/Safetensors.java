package dev.culebra.runtime.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * A safetensors file, mapped into memory and checked before anything of it is used.
 *
 * <pre>8 bytes: N, the header's length, unsigned little-endian
 * N bytes: the header, JSON in UTF-8, see {@link SafetensorsHeader}
 * the rest: the tensors' bytes</pre>
 *
 * <p>Opening reads the header only; tensors come from the disk when their bytes are touched. A file
 * must not be shortened while it is open; Culebra replaces files by renaming, which leaves an open
 * one as it was. Any thread may read.
 */
public final class Safetensors implements AutoCloseable {
  private static final int LENGTH_BYTES = 8;
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final Path file;
  private final Arena arena;
  private final SequencedMap<String, String> metadata;
  private final SequencedMap<String, Entry> entries;

  /**
   * One tensor of an open file.
   *
   * @param spec its name, element type and shape
   * @param data its bytes, read-only, little-endian and at any alignment: read them with the {@code
   *     UNALIGNED} layouts. They live as long as the file is open
   */
  public record Entry(TensorSpec spec, MemorySegment data) {
    /** The tensor's element type. */
    public StoredType type() {
      return spec.type();
    }

    /** The tensor's dimensions, outermost first; a copy. */
    public long[] shape() {
      return spec.shape();
    }
  }

  private Safetensors(Path file, Arena arena, SafetensorsHeader header, MemorySegment data) {
    this.file = file;
    this.arena = arena;
    this.metadata = Collections.unmodifiableSequencedMap(header.metadata());
    SequencedMap<String, Entry> byName = new LinkedHashMap<>();
    for (SafetensorsHeader.Placed tensor : header.tensors()) {
      TensorSpec spec = tensor.spec();
      byName.put(spec.name(), new Entry(spec, data.asSlice(tensor.begin(), spec.bytes())));
    }
    this.entries = Collections.unmodifiableSequencedMap(byName);
  }

  /**
   * Opens and checks a file.
   *
   * @throws BadInputException if the file is missing, unreadable, truncated, damaged or no
   *     safetensors file; the sentence names the file and, where one is at fault, the tensor
   */
  public static Safetensors open(Path file) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment bytes = map(file, arena);
      MemorySegment headerBytes = header(bytes);
      MemorySegment data = bytes.asSlice(LENGTH_BYTES + headerBytes.byteSize());
      String text = decode(headerBytes);
      return new Safetensors(file, arena, SafetensorsHeader.parse(text, data.byteSize()), data);
    } catch (SafetensorsHeader.Flaw e) {
      arena.close();
      throw new BadInputException(
          Format.text(
              "%s is not a usable safetensors file: %s. Fetch or save it again.",
              file, e.getMessage()),
          e);
    } catch (IOException e) {
      arena.close();
      throw new BadInputException(
          Format.text("Cannot read the model file %s: %s.", file, IoErrors.reason(e)), e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Where the file lies. */
  Path path() {
    return file;
  }

  /** The tensors' names, in the order of their bytes. */
  public SequencedSet<String> names() {
    return entries.sequencedKeySet();
  }

  /** All tensors, in the order of their bytes. */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /** The free strings of the header, in its order; {@code format} is usually {@code pt}. */
  public SequencedMap<String, String> metadata() {
    return metadata;
  }

  /** Whether the file holds a tensor of this name. */
  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /**
   * A tensor by its name.
   *
   * @throws BadInputException if the file has none of this name
   * @throws IllegalStateException if the file has been closed
   */
  public Entry entry(String name) {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException(file + " has been closed");
    }
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new BadInputException(
          Format.text(
              "%s holds no tensor %s among its %d; is it a model of another architecture?",
              file, IoErrors.quote(name), entries.size()));
    }
    return entry;
  }

  /**
   * Reads an F32, F16, BF16 or F64 tensor as float32. F16 and BF16 are widened exactly; F64 is
   * rounded to the nearest float32.
   *
   * @param target room for exactly the tensor's elements, 4 bytes each, in the machine's byte order
   * @throws BadInputException if the file has no such tensor, if it does not hold floating-point
   *     numbers, or if a finite F64 value does not fit float32
   * @throws IllegalArgumentException if the target is of another size
   */
  public void readFloats(String name, MemorySegment target) {
    Entry entry = entry(name);
    TensorSpec spec = entry.spec();
    if (!FloatConversion.isFloat(spec.type())) {
      throw new BadInputException(
          Format.text(
              "%s: tensor %s should hold floating-point numbers: F32, F16, BF16 and F64 are read.",
              file, spec));
    }
    if (target.byteSize() != Math.multiplyExact(spec.elements(), (long) Float.BYTES)) {
      throw new IllegalArgumentException(
          Format.text(
              "%d bytes for the %d float32 of tensor %s",
              target.byteSize(), spec.elements(), spec));
    }
    long misfit = FloatConversion.widen(spec.type(), entry.data(), target, spec.elements());
    if (misfit != FloatConversion.ALL_FIT) {
      throw new BadInputException(
          Format.text("%s: element %d of tensor %s is too large for float32.", file, misfit, spec));
    }
  }

  /** Unmaps the file; the segments of its tensors can no longer be used. Again: no effect. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static MemorySegment map(Path file, Arena arena)
      throws IOException, SafetensorsHeader.Flaw {
    if (Files.isDirectory(file)) {
      throw new SafetensorsHeader.Flaw("it is a folder");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw new SafetensorsHeader.Flaw(
            Format.text("it has %d bytes, and the header's length alone takes 8", size));
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
    }
  }

  private static MemorySegment header(MemorySegment bytes) throws SafetensorsHeader.Flaw {
    long length = bytes.get(LENGTH, 0);
    long rest = bytes.byteSize() - LENGTH_BYTES;
    if (length < 0 || length > SafetensorsHeader.LARGEST) {
      throw new SafetensorsHeader.Flaw(
          Format.text(
              "its first 8 bytes claim a header of %s bytes, over the limit of %d%s",
              Long.toUnsignedString(length), SafetensorsHeader.LARGEST, kin(bytes)));
    }
    if (length > rest) {
      throw new SafetensorsHeader.Flaw(
          Format.text(
              "its header should have %d bytes, but the file ends after %d of them", length, rest));
    }
    if (length == 0 || bytes.get(ValueLayout.JAVA_BYTE, LENGTH_BYTES) != '{') {
      throw new SafetensorsHeader.Flaw("its header does not begin with '{'");
    }
    return bytes.asSlice(LENGTH_BYTES, length);
  }

  /** What files of other kinds, often met under this name, look like from their first bytes. */
  private static String kin(MemorySegment bytes) {
    byte[] first = bytes.asSlice(0, LENGTH_BYTES).toArray(ValueLayout.JAVA_BYTE);
    String start = new String(first, StandardCharsets.ISO_8859_1);
    if (start.startsWith("PK")) {
      return "; it looks like a PyTorch file, which must be converted first";
    }
    if (start.equals("version ")) {
      return "; it looks like a Git LFS pointer, in whose place 'git lfs pull' puts the file";
    }
    return "";
  }

  private static String decode(MemorySegment header) throws SafetensorsHeader.Flaw {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(header.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw new SafetensorsHeader.Flaw("its header is not UTF-8");
    }
  }

  /** The file's path, for messages. */
  @Override
  public String toString() {
    return file.toString();
  }
}
