package dev.culebra.bindings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Looks at a shared library before the system's loader does.
 *
 * <p>The loader of glibc maps what the program headers promise without asking how long the file is;
 * the process then dies of SIGBUS when it touches a page past the end. So a file that was cut short
 * must be found out first. Layout: System V Application Binary Interface, chapters 4 and 5 (ELF64).
 * What the loader checks itself is left to it.
 */
final class SharedObject {

  private static final int ELF_SIGNATURE = 0x464C457F; // 7F 'E' 'L' 'F', read as little-endian
  private static final int HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;
  private static final int LOADABLE = 1;

  private SharedObject() {}

  /** The processor's name in GNU triplets, such as {@code x86_64}. */
  static String architecture() {
    String name = System.getProperty("os.arch");
    return name.equals("amd64") ? "x86_64" : name;
  }

  /** Why a file cannot be loaded, as far as its size and its program headers tell. */
  static Optional<String> problem(Path file) {
    if (!Files.exists(file)) {
      return Optional.of("no such file");
    }
    if (Files.isDirectory(file)) {
      return Optional.of("a folder, not a library file");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return problem(channel);
    } catch (IOException e) {
      return Optional.of(IoReason.of(e));
    }
  }

  private static Optional<String> problem(FileChannel channel) throws IOException {
    long size = channel.size();
    ByteBuffer header = read(channel, 0, HEADER_SIZE);
    if (header.limit() < Integer.BYTES || header.getInt(0) != ELF_SIGNATURE) {
      return Optional.of("not a shared library: it does not begin with the ELF signature");
    }
    if (header.limit() < HEADER_SIZE) {
      return truncated(size, HEADER_SIZE);
    }
    if (header.get(4) != CLASS_64 || header.get(5) != LITTLE_ENDIAN) {
      return Optional.empty();
    }
    long table = header.getLong(32);
    int entrySize = Short.toUnsignedInt(header.getShort(54));
    int entries = Short.toUnsignedInt(header.getShort(56));
    if (entrySize != PROGRAM_HEADER_SIZE || table < HEADER_SIZE) {
      return Optional.of("a damaged ELF header");
    }
    if (table > size - (long) entries * entrySize) {
      return truncated(size, table + (long) entries * entrySize);
    }
    ByteBuffer headers = read(channel, table, entries * entrySize);
    for (int at = 0; at < headers.limit(); at += entrySize) {
      if (headers.getInt(at) != LOADABLE) {
        continue;
      }
      long offset = headers.getLong(at + 8);
      long length = headers.getLong(at + 32);
      if (offset < 0 || length < 0 || offset > Long.MAX_VALUE - length) {
        return Optional.of("a damaged ELF program header");
      }
      if (offset + length > size) {
        return truncated(size, offset + length);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> truncated(long size, long needed) {
    return Optional.of(
        String.format(Locale.ROOT, "truncated: %d bytes of at least %d", size, needed));
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    return buffer.flip();
  }
}
