package dev.culebra.runtime.io;

import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Single files that are replaced as a whole: whoever opens one, or mapped it before, sees the old
 * bytes or the new ones, also after a crash or a power cut.
 */
public final class DurableFiles {
  /** Names that begin so are unfinished work; nobody reads them. */
  static final String UNFINISHED = ".tmp-";

  /** The whole of such a name: what it is to become, and what tells it from other writers'. */
  private static final Pattern OURS =
      Pattern.compile(
          Pattern.quote(UNFINISHED)
              + "(?<name>(old-)?step-[0-9]+|.+\\.(json|safetensors|bin|txt))-[0-9a-f]{1,16}");

  private DurableFiles() {}

  /**
   * Writes a file beside its place, syncs it and renames it into place.
   *
   * @throws IOException if that fails; then no part of the new file is in the old one's place
   */
  public static void replace(Path file, Content content) throws IOException {
    replace(Disk.REAL, file, content);
  }

  static void replace(Disk disk, Path file, Content content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path beside = unfinished(folder, file.getFileName().toString());
    try {
      write(disk, beside, content);
      disk.move(beside, file);
      disk.syncFolder(folder);
    } catch (IOException e) {
      removeAfter(e, disk, beside);
      throw new IOException(
          Format.text(
              "Cannot write %s: %s; nothing half-written was left in its place.",
              file, IoErrors.reason(e)),
          e);
    } catch (RuntimeException | Error e) {
      removeAfter(e, disk, beside);
      throw e;
    }
  }

  /**
   * Creates a folder and the ones above it that are missing; each is on the disk itself when this
   * returns.
   *
   * @return what was created, the outermost first
   */
  public static List<Path> createFolders(Path folder) throws IOException {
    return createFolders(Disk.REAL, folder);
  }

  static List<Path> createFolders(Disk disk, Path folder) throws IOException {
    List<Path> missing = new ArrayList<>();
    for (Path at = folder.toAbsolutePath(); !Files.isDirectory(at); at = at.getParent()) {
      missing.addFirst(at);
    }
    for (Path path : missing) {
      disk.createFolder(path);
      disk.syncFolder(path.getParent());
    }
    return missing;
  }

  /**
   * Gives files their names, replacing what has them, and returns when that is on the disk itself.
   * Their bytes must be there already.
   *
   * @param names by file, all in one folder
   */
  public static void rename(SequencedMap<Path, Path> names) throws IOException {
    for (Map.Entry<Path, Path> entry : names.entrySet()) {
      Disk.REAL.move(entry.getKey(), entry.getValue());
    }
    if (!names.isEmpty()) {
      Disk.REAL.syncFolder(names.firstEntry().getValue().toAbsolutePath().getParent());
    }
  }

  /** Returns when a folder's entries are on the disk itself. */
  public static void syncFolder(Path folder) throws IOException {
    Disk.REAL.syncFolder(folder.toAbsolutePath());
  }

  /** Whether a name is one that a killed writer of this program left. */
  public static boolean isUnfinished(Path path) {
    return OURS.matcher(path.getFileName().toString()).matches();
  }

  /**
   * Deletes what killed writers of this program left behind in a folder; other files stay, whatever
   * they are called. Only the run that holds the folder's lock may do this; a folder that does not
   * exist is clean.
   */
  public static void removeUnfinished(Path folder) throws IOException {
    removeUnfinished(Disk.REAL, folder);
  }

  static void removeUnfinished(Disk disk, Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      for (Path path : list(folder)) {
        if (isUnfinished(path)) {
          remove(disk, path);
        }
      }
    }
  }

  /** A name in the folder that no other writer uses and no reader looks at. */
  static Path unfinished(Path folder, String name) {
    String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
    return folder.resolve(UNFINISHED + name + "-" + unique);
  }

  /** Writes a new file and syncs it. */
  static Checksum write(Disk disk, Path file, Content content) throws IOException {
    try (FileChannel channel = disk.create(file)) {
      Counting counting = new Counting(disk, channel);
      content.writeTo(counting);
      disk.sync(channel);
      return Checksum.of(counting.bytes, counting.crc);
    }
  }

  /** Deletes a file, or a folder with all it holds; a path that is not there is gone already. */
  static void remove(Disk disk, Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      for (Path inside : list(path)) {
        remove(disk, inside);
      }
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      disk.delete(path);
    }
  }

  /** Deletes what a failed writer began; if that fails too, the failure is noted on the first. */
  static void removeAfter(Throwable failure, Disk disk, Path path) {
    try {
      remove(disk, path);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  static List<Path> list(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(paths::add);
    }
    return paths;
  }

  /** Counts and sums what passes to a file; not closed by those who write into it. */
  private static final class Counting implements WritableByteChannel {
    private final Disk disk;
    private final FileChannel file;
    private final CRC32C crc = new CRC32C();
    private long bytes;

    Counting(Disk disk, FileChannel file) {
      this.disk = disk;
      this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      int count = source.remaining();
      crc.update(source.duplicate());
      disk.write(file, source);
      bytes += count;
      return count;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException("the file is closed by who opened it");
    }
  }
}
