package dev.culebra.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;

/**
 * Libraries inside a jar on the class path, copied to a cache folder when they are first needed.
 *
 * <p>The folder is named after the jar and the CRC-32 of the entries, so another jar never finds
 * the files of this one. A file there is used only if its size and CRC-32 are those of the entry,
 * else it is copied again. Copies are written under a temporary name and renamed: processes that
 * start at once disturb nobody, whoever renames last.
 */
final class JarLibraries implements LibraryPlace {

  private static final String PLACE = "jar on the class path";
  private static final String PART = ".part";
  private static final Duration ABANDONED = Duration.ofHours(1);
  private static final int CHUNK = 1 << 20;

  private final String folder;
  private final List<String> files;
  private final List<CacheFolder> caches;

  /**
   * Libraries of one folder of a jar.
   *
   * @param folder the folder inside the jar, without slashes at its ends
   * @param files the library first, then the libraries it needs
   * @param caches where to copy them, best first
   */
  JarLibraries(String folder, List<String> files, List<CacheFolder> caches) {
    this.folder = folder;
    this.files = List.copyOf(files);
    this.caches = List.copyOf(caches);
  }

  @Override
  public void offerTo(LibrarySearch search) {
    String resource = folder + "/" + files.getFirst();
    URL url = JarLibraries.class.getClassLoader().getResource(resource);
    if (url == null) {
      search.reject(PLACE, resource, "no such resource");
      return;
    }
    try {
      if (!(url.openConnection() instanceof JarURLConnection connection)) {
        search.reject(PLACE, url.toString(), "not inside a jar");
        return;
      }
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        offer(jar, search);
      }
    } catch (IOException e) {
      search.reject(PLACE, url.toString(), "cannot be read: " + IoReason.of(e));
    }
  }

  private void offer(JarFile jar, LibrarySearch search) throws IOException {
    List<JarEntry> entries = entries(jar);
    String name = Path.of(jar.getName()).getFileName().toString().replaceFirst("\\.jar$", "");
    String key = String.format(Locale.ROOT, "%s-%08x", name, fingerprint(entries));
    for (CacheFolder cache : caches) {
      if (search.done()) {
        return;
      }
      try {
        Path target = cache.subfolder(key);
        for (JarEntry entry : entries) {
          copyIfNeeded(jar, entry, target.resolve(fileName(entry)));
        }
        search.offer(PLACE + ", copied", target.resolve(files.getFirst()));
      } catch (IOException e) {
        search.reject(PLACE, cache.path().toString(), "cannot be copied there: " + IoReason.of(e));
      }
    }
  }

  private List<JarEntry> entries(JarFile jar) throws IOException {
    List<JarEntry> entries = new ArrayList<>();
    for (String file : files) {
      JarEntry entry = jar.getJarEntry(folder + "/" + file);
      if (entry == null) {
        throw new IOException(file + " is missing in the jar");
      }
      entries.add(entry);
    }
    return entries;
  }

  private static long fingerprint(List<JarEntry> entries) {
    CRC32 crc = new CRC32();
    ByteBuffer words = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (JarEntry entry : entries) {
      words.clear();
      crc.update(words.putLong(entry.getSize()).putLong(entry.getCrc()).flip());
    }
    return crc.getValue();
  }

  private static String fileName(JarEntry entry) {
    return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
  }

  private static void copyIfNeeded(JarFile jar, JarEntry entry, Path target) throws IOException {
    if (isIntact(entry, target)) {
      return;
    }
    deleteAbandonedParts(target.getParent());
    Path part = Files.createTempFile(target.getParent(), target.getFileName().toString(), PART);
    try {
      try (InputStream in = jar.getInputStream(entry)) {
        Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!isIntact(entry, part)) {
        throw new IOException(
            "the copy of " + fileName(entry) + " differs from the jar's checksum");
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static boolean isIntact(JarEntry entry, Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) != entry.getSize()) {
      return false;
    }
    CRC32 crc = new CRC32();
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(chunk.clear()) >= 0) {
        crc.update(chunk.flip());
      }
    }
    return crc.getValue() == entry.getCrc();
  }

  /** Removes what processes that died while copying left behind. */
  private static void deleteAbandonedParts(Path folder) throws IOException {
    FileTime oldest = FileTime.from(Instant.now().minus(ABANDONED));
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
      for (Path part : parts) {
        try {
          if (Files.getLastModifiedTime(part).compareTo(oldest) < 0) {
            Files.deleteIfExists(part);
          }
        } catch (NoSuchFileException e) {
          // Another process has just renamed it.
        }
      }
    }
  }
}
