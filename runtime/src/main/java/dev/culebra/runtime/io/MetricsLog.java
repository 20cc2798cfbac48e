package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/**
 * A log of one JSON object per line ({@code metrics.jsonl}), in the order of its integer key {@code
 * step}. Each line goes to the system as it is written, so a killed process loses none.
 */
public final class MetricsLog implements AutoCloseable {
  private static final String KEY = "step";
  private static final int LONGEST_LINE = 1 << 20;

  private final Disk disk;
  private final Path file;
  private final FileChannel channel;

  private MetricsLog(Disk disk, Path file, FileChannel channel) {
    this.disk = disk;
    this.file = file;
    this.channel = channel;
  }

  /** Opens an empty log; lines of an earlier run in the file are removed. */
  public static MetricsLog create(Path file) throws IOException {
    return openAt(Disk.REAL, file, 0);
  }

  /**
   * Opens a log to continue it after a step. Lines of later steps are removed, and so is what a
   * killed process left of a last line.
   *
   * @throws BadInputException if a line to be kept comes after one to be removed, which Culebra
   *     does not write; names file and line
   */
  public static MetricsLog resume(Path file, long lastStep) throws IOException {
    return resume(Disk.REAL, file, lastStep);
  }

  static MetricsLog resume(Disk disk, Path file, long lastStep) throws IOException {
    return openAt(disk, file, Files.exists(file) ? keptBytes(file, lastStep) : 0);
  }

  /**
   * Appends an object as one line.
   *
   * @param object a record, map or tree that becomes a JSON object; see {@link Json} for the order
   *     of its keys
   * @throws IOException if it cannot be written whole; then no part of it stays
   */
  public void write(Object object) throws IOException {
    byte[] json = Json.MAPPER.writeValueAsBytes(object);
    ByteBuffer line = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    long start = channel.position();
    try {
      disk.write(channel, line);
    } catch (IOException e) {
      cutBack(start, e);
      throw new IOException(
          Format.text("Cannot write the log %s: %s.", file, IoErrors.reason(e)), e);
    }
  }

  private void cutBack(long start, IOException failure) {
    try {
      channel.truncate(start);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Returns when all lines are on the disk itself; to be called before a checkpoint is saved. */
  public void sync() throws IOException {
    channel.force(true);
  }

  /** Closes the file. Again: no effect. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static MetricsLog openAt(Disk disk, Path file, long bytes) throws IOException {
    try {
      boolean there = Files.exists(file);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (!there) {
          disk.syncFolder(file.toAbsolutePath().getParent());
        }
        channel.truncate(bytes).position(bytes);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      return new MetricsLog(disk, file, channel);
    } catch (IOException e) {
      throw new IOException(
          Format.text("Cannot open the log %s: %s.", file, IoErrors.reason(e)), e);
    }
  }

  /** The length of the file up to and with its last line of at most a step. */
  private static long keptBytes(Path file, long lastStep) throws IOException {
    long kept = 0;
    long read = 0;
    long lines = 0;
    long firstDropped = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int c = in.read(); c >= 0; c = in.read()) {
        read++;
        if (c != '\n') {
          if (line.size() < LONGEST_LINE) {
            line.write(c);
          }
          continue;
        }
        lines++;
        OptionalLong step = step(line);
        line.reset();
        if (step.isEmpty() || step.getAsLong() > lastStep) {
          firstDropped = firstDropped == 0 ? lines : firstDropped;
        } else if (firstDropped == 0) {
          kept = read;
        } else {
          throw new BadInputException(
              Format.text(
                  "%s:%d: not a JSON object with a step of at most %d, but line %d is one; remove"
                      + " it.",
                  file, firstDropped, lastStep, lines));
        }
      }
    }
    return kept;
  }

  private static OptionalLong step(ByteArrayOutputStream line) {
    try {
      JsonNode step =
          Json.parse(line.toString(StandardCharsets.UTF_8), "line", JsonNode.class).path(KEY);
      return step.isIntegralNumber() && step.canConvertToLong()
          ? OptionalLong.of(step.longValue())
          : OptionalLong.empty();
    } catch (BadInputException e) {
      return OptionalLong.empty();
    }
  }
}
