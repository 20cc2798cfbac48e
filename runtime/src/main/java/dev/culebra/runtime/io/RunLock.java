package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * One run per folder: a lock on the file {@code run.lock}, held until it is closed or the process
 * ends, however it ends. The file holds the process's number for the message that others get.
 */
public final class RunLock implements AutoCloseable {
  /** The file's name. */
  public static final String NAME = "run.lock";

  /**
   * The folders locked by this process. The system forgets a process's lock when the process closes
   * any channel of the file, so a second attempt must not even open it.
   */
  private static final Set<Path> HELD = new HashSet<>();

  private final Path folder;
  private final FileChannel channel;

  private RunLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks a folder, which is created if it is not there.
   *
   * @throws BadInputException if another run holds it, or if it cannot be written
   */
  public static RunLock acquire(Path folder) {
    try {
      DurableFiles.createFolders(folder);
      Path real = folder.toRealPath();
      synchronized (HELD) {
        if (HELD.contains(real)) {
          throw inUse(folder, "this process");
        }
        FileChannel channel = lock(folder);
        HELD.add(real);
        return new RunLock(real, channel);
      }
    } catch (IOException e) {
      throw new BadInputException(
          Format.text(
              "Cannot write in the run folder %s: %s; choose another one.",
              folder, IoErrors.reason(e)),
          e);
    }
  }

  /** Whether the lock in a folder is one of ours: empty, or with the number of a process. */
  public static boolean wrote(Path folder) {
    Path file = folder.resolve(NAME);
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.size(file) <= 20
          && Files.readString(file, StandardCharsets.ISO_8859_1).matches("[0-9]*");
    } catch (IOException e) {
      return false;
    }
  }

  /** Releases the folder. Again: no effect. */
  @Override
  public void close() throws IOException {
    synchronized (HELD) {
      if (channel.isOpen()) {
        HELD.remove(folder);
        channel.close();
      }
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(NAME),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(folder, holder(channel));
      }
      byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
      channel.truncate(0).write(ByteBuffer.wrap(pid));
      return channel;
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The holder as its file tells; it may not have written its number yet. */
  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    return pid.matches("[0-9]+") ? "process " + pid : "another process";
  }

  private static BadInputException inUse(Path folder, String holder) {
    return new BadInputException(
        Format.text(
            "The run folder %s is in use by %s; wait for it to end or choose another folder.",
            folder, holder));
  }
}
