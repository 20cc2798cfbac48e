package dev.culebra.runtime.io;

import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The real disk, with a log of its operations, any of which can be made to fail: once, or from then
 * on as on a full disk, where renaming and deleting still work.
 */
final class LoggingDisk implements Disk {
  private final Path root;
  private final List<String> log = new ArrayList<>();
  private int failAt = Integer.MAX_VALUE;
  private boolean full;

  LoggingDisk(Path root) {
    this.root = root;
  }

  /** Lets the n-th operation fail, counted from 1. */
  LoggingDisk failingAt(int n) {
    failAt = n;
    return this;
  }

  /** Lets the n-th operation fail, and all later ones that need room. */
  LoggingDisk fullFrom(int n) {
    failAt = n;
    full = true;
    return this;
  }

  /** The operations so far, without the random part of unfinished names. */
  List<String> log() {
    return log;
  }

  private void note(String operation, boolean needsRoom) throws IOException {
    log.add(operation);
    if (log.size() == failAt || (full && needsRoom && log.size() > failAt)) {
      throw new FileSystemException(root.toString(), null, "No space left on device");
    }
  }

  private String name(Path path) {
    String relative = root.toAbsolutePath().relativize(path.toAbsolutePath()).toString();
    return relative.isEmpty() ? "." : relative.replaceAll("(\\.tmp-[^/]*)-[0-9a-f]+", "$1");
  }

  @Override
  public FileChannel create(Path file) throws IOException {
    note("create " + name(file), true);
    return Disk.super.create(file);
  }

  @Override
  public void write(FileChannel file, ByteBuffer bytes) throws IOException {
    note("write", true);
    Disk.super.write(file, bytes);
  }

  @Override
  public void sync(FileChannel file) throws IOException {
    note("sync", true);
    Disk.super.sync(file);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    note("syncFolder " + name(folder), false);
    Disk.super.syncFolder(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    note("createFolder " + name(folder), true);
    Disk.super.createFolder(folder);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    note(Format.text("move %s to %s", name(from), name(to)), false);
    Disk.super.move(from, to);
  }

  @Override
  public void delete(Path path) throws IOException {
    note("delete " + name(path), false);
    Disk.super.delete(path);
  }
}
