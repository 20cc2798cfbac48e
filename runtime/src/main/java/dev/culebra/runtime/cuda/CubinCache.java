package dev.culebra.runtime.cuda;

import dev.culebra.bindings.Caches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * Compiled kernels on disk, under a hash of everything that makes them what they are: source,
 * headers, options and compiler.
 *
 * <p>A file is a CRC-32 and the cubin; one that was cut short or changed is compiled again. Nothing
 * depends on the cache: where no folder can be written, kernels are compiled anew each time.
 */
final class CubinCache {

  private static final int CHECKSUM = Long.BYTES;

  private final List<Path> folders;

  /** The cache of this user; the property {@code culebra.kernelCache} set to off leaves it out. */
  CubinCache() {
    this("off".equals(System.getProperty("culebra.kernelCache")) ? List.of() : Caches.folders());
  }

  CubinCache(List<Path> folders) {
    this.folders = folders.stream().map(folder -> folder.resolve("kernels")).toList();
  }

  /** The name under which a file's kernels are kept. */
  static String key(KernelSource source, List<String> options, String compiler) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      add(digest, compiler);
      options.forEach(option -> add(digest, option));
      source
          .all()
          .forEach(
              (name, text) -> {
                add(digest, name);
                add(digest, text);
              });
      String stem = source.name().substring(0, source.name().lastIndexOf('.'));
      return stem + "-" + HexFormat.of().formatHex(digest.digest(), 0, 12) + ".cubin";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }

  /** The cubin kept under {@code key}. */
  Optional<byte[]> find(String key) {
    for (Path folder : folders) {
      try {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(key)));
        byte[] cubin = Arrays.copyOfRange(file.array(), CHECKSUM, file.limit());
        if (file.getLong() == checksum(cubin)) {
          return Optional.of(cubin);
        }
      } catch (IOException | RuntimeException e) {
        // Not there, or unreadable, or cut short: compiled again.
      }
    }
    return Optional.empty();
  }

  /** Keeps a cubin in the first folder that can be written. */
  void keep(String key, byte[] cubin) {
    for (Path folder : folders) {
      try {
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, key, ".part");
        try {
          byte[] head = ByteBuffer.allocate(CHECKSUM).putLong(checksum(cubin)).array();
          byte[] file = Arrays.copyOf(head, CHECKSUM + cubin.length);
          System.arraycopy(cubin, 0, file, CHECKSUM, cubin.length);
          Files.write(temporary, file);
          Files.move(temporary, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(temporary);
        }
        return;
      } catch (IOException e) {
        // The next folder; if none can be written there is no cache.
      }
    }
  }

  private static long checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
