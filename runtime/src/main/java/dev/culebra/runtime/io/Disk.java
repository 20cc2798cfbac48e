package dev.culebra.runtime.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The operations that change a disk. Everything durable is written through them, so that a test can
 * make any one of them fail and see their order.
 */
interface Disk {
  /** The operating system's file system. */
  Disk REAL = new Disk() {};

  /** Creates and opens a file that does not exist yet. */
  default FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** Writes the buffer's remaining bytes at the channel's position. */
  default void write(FileChannel file, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** Returns when the file's bytes and size are on the disk itself. */
  default void sync(FileChannel file) throws IOException {
    file.force(true);
  }

  /** Returns when the folder's entries (creations, renames, deletions) are on the disk itself. */
  default void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Creates a folder and the ones above it; content when it is there. */
  default void createFolder(Path folder) throws IOException {
    Files.createDirectories(folder);
  }

  /** Renames in one step; an existing file (not a folder) of the new name is replaced. */
  default void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes a file or an empty folder. */
  default void delete(Path path) throws IOException {
    Files.delete(path);
  }
}
