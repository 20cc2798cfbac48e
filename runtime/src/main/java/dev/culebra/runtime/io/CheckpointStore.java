package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run's checkpoints: folders {@code step-N} in one folder, each wholly there or not at all.
 *
 * <p>A checkpoint is written as {@code .tmp-step-N-...}: its files, each synced, then {@code
 * checkpoint.json} with their sizes and checksums, then the folder is synced, renamed to {@code
 * step-N} and the folder above synced. So a crash or a power cut at any moment leaves the earlier
 * checkpoints as they were, and this one complete or invisible.
 *
 * <p>Whoever saves must hold the run's {@link RunLock} and call {@link #recover} first. A thread
 * must not be interrupted while it saves: that closes the file it writes and the save fails.
 */
public final class CheckpointStore {
  private static final Pattern STEP = Pattern.compile("step-(0|[1-9][0-9]{0,17})");
  private static final String ASIDE = ".aside-";

  private final Disk disk;
  private final Path folder;
  private final int keep;
  private final Consumer<String> warnings;

  /**
   * A complete checkpoint.
   *
   * @param step the optimiser step after which it was taken
   * @param folder where its files are
   */
  public record Checkpoint(long step, Path folder) {}

  /** Takes the files of a checkpoint that is being written. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Writes one file.
     *
     * @throws IllegalArgumentException if the name is a path, hidden, taken or {@code
     *     checkpoint.json}
     */
    void write(String name, Content content) throws IOException;
  }

  /** Gives the files of a checkpoint, one after the other. */
  @FunctionalInterface
  public interface Contents {
    /** Writes all files into the sink. An exception abandons the checkpoint. */
    void writeTo(Sink sink) throws IOException;
  }

  /**
   * The checkpoints in a folder, which is created by the first save.
   *
   * @param keep how many complete checkpoints stay after a save, the new one included; at least 1
   * @param warnings told in one sentence each time a damaged checkpoint is passed over or an old
   *     one cannot be removed
   */
  public CheckpointStore(Path folder, int keep, Consumer<String> warnings) {
    this(Disk.REAL, folder, keep, warnings);
  }

  CheckpointStore(Disk disk, Path folder, int keep, Consumer<String> warnings) {
    if (keep < 1) {
      throw new IllegalArgumentException("keep at least one checkpoint, not " + keep);
    }
    this.disk = disk;
    this.folder = folder;
    this.keep = keep;
    this.warnings = warnings;
  }

  /** The folder of a step, whether or not it is there. */
  public Path folderOf(long step) {
    return folder.resolve("step-" + step);
  }

  /** Removes what killed writers left, and finishes a replacement that one of them began. */
  public void recover() throws IOException {
    DurableFiles.removeUnfinished(disk, folder);
    if (!Files.isDirectory(folder)) {
      return;
    }
    for (Path path : DurableFiles.list(folder)) {
      String name = path.getFileName().toString();
      if (name.startsWith(ASIDE) && STEP.matcher(name.substring(ASIDE.length())).matches()) {
        Path place = folder.resolve(name.substring(ASIDE.length()));
        if (!Files.exists(place)) {
          disk.move(path, place);
          disk.syncFolder(folder);
        } else if (Manifest.owns(path, Set.of())) {
          DurableFiles.remove(disk, path);
        } else {
          setAside(path, place);
        }
      }
    }
  }

  /**
   * Writes a checkpoint and removes the oldest ones beyond the number to keep. One of the same step
   * is replaced. Only folders that a manifest lists file by file are removed; what else has the
   * name of a checkpoint stays, if need be under another name.
   *
   * @throws IOException if it cannot be written (a full disk, a read-only folder); then the earlier
   *     checkpoints are untouched and what was written is removed
   */
  public Checkpoint save(long step, Contents contents) throws IOException {
    if (step < 0) {
      throw new IllegalArgumentException("negative step " + step);
    }
    Path place = folderOf(step);
    Path unfinished = DurableFiles.unfinished(folder, "step-" + step);
    Set<String> names;
    try {
      createFolder();
      disk.createFolder(unfinished);
      names = writeFiles(unfinished, step, contents);
      disk.syncFolder(unfinished);
      publish(unfinished, place, step, names);
    } catch (IOException e) {
      DurableFiles.removeAfter(e, disk, unfinished);
      throw new IOException(
          Format.text(
              "Cannot save checkpoint step-%d in %s: %s; the earlier checkpoints are untouched.",
              step, folder, IoErrors.reason(e)),
          e);
    } catch (RuntimeException | Error e) {
      DurableFiles.removeAfter(e, disk, unfinished);
      throw e;
    }
    prune(step, names);
    return new Checkpoint(step, place);
  }

  /**
   * The complete checkpoint of the highest step, every byte of it verified; empty if there is no
   * checkpoint at all. A damaged one is passed over with a warning.
   *
   * @throws BadInputException if there are checkpoints and all are damaged, or if the folder cannot
   *     be read
   */
  public Optional<Checkpoint> newest() {
    List<String> flaws = new ArrayList<>();
    for (long step : steps()) {
      try {
        Manifest.verify(folderOf(step), step);
        flaws.forEach(flaw -> warnings.accept(flaw + "; step-" + step + " is used instead."));
        return Optional.of(new Checkpoint(step, folderOf(step)));
      } catch (Manifest.Flaw e) {
        flaws.add(Format.text("Checkpoint %s is damaged: %s", folderOf(step), e.getMessage()));
      }
    }
    if (!flaws.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "No checkpoint in %s is complete (%s); start anew in another folder.",
              folder, String.join("; ", flaws)));
    }
    return Optional.empty();
  }

  /**
   * The highest step in a folder of checkpoints of which all files are there, by their sizes; empty
   * if there is none. Much faster than {@link #newest}, which reads every byte.
   */
  public static OptionalLong highest(Path folder) {
    CheckpointStore store = new CheckpointStore(folder, 1, _ -> {});
    return store.steps().stream().filter(store::hasAllFiles).mapToLong(step -> step).findFirst();
  }

  /** The steps that have a folder, highest first, complete or not. */
  private List<Long> steps() {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try {
      List<Long> steps = new ArrayList<>();
      for (Path path : DurableFiles.list(folder)) {
        Matcher matcher = STEP.matcher(path.getFileName().toString());
        if (matcher.matches() && Files.isDirectory(path)) {
          steps.add(Long.valueOf(matcher.group(1)));
        }
      }
      steps.sort(Comparator.reverseOrder());
      return steps;
    } catch (IOException e) {
      throw new BadInputException(
          Format.text("Cannot read the checkpoints in %s: %s.", folder, IoErrors.reason(e)), e);
    }
  }

  private void createFolder() throws IOException {
    DurableFiles.createFolders(disk, folder);
  }

  /** Returns the names of the files. */
  private Set<String> writeFiles(Path into, long step, Contents contents) throws IOException {
    SortedMap<String, Checksum> files = new TreeMap<>();
    contents.writeTo(
        (name, content) -> {
          if (!Manifest.allows(name) || files.containsKey(name)) {
            throw new IllegalArgumentException("no name for a new checkpoint file: " + name);
          }
          files.put(name, DurableFiles.write(disk, into.resolve(name), content));
        });
    Manifest manifest = new Manifest(Manifest.FORMAT, step, files);
    DurableFiles.write(disk, into.resolve(Manifest.NAME), Json.content(manifest));
    return files.keySet();
  }

  /** Renames into place; a folder can only be renamed over nothing, so one there makes room. */
  private void publish(Path unfinished, Path place, long step, Set<String> names)
      throws IOException {
    Path aside = folder.resolve(ASIDE + place.getFileName());
    boolean replaces = Files.exists(place);
    if (replaces) {
      disk.move(place, aside);
    }
    try {
      disk.move(unfinished, place);
    } catch (IOException e) {
      if (replaces) {
        moveBack(aside, place, e);
      }
      throw e;
    }
    disk.syncFolder(folder);
    if (replaces && Manifest.owns(aside, names)) {
      removeOld(aside, step);
    } else if (replaces) {
      setAside(aside, place);
    }
  }

  /** Keeps what is in the place of a checkpoint and is none of ours, under another name. */
  private void setAside(Path found, Path place) throws IOException {
    Path kept = folder.resolve(place.getFileName() + ".other");
    for (int i = 2; Files.exists(kept, LinkOption.NOFOLLOW_LINKS); i++) {
      kept = folder.resolve(place.getFileName() + ".other-" + i);
    }
    disk.move(found, kept);
    disk.syncFolder(folder);
    warnings.accept(
        Format.text(
            "%s held other files than those of a checkpoint: they are kept as %s.",
            place, kept.getFileName()));
  }

  private void moveBack(Path aside, Path place, IOException failure) {
    try {
      disk.move(aside, place);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Removes older checkpoints beyond the number to keep; those that lack a file do not count, and
   * those that hold other files stay.
   */
  private void prune(long saved, Set<String> names) {
    int kept = 1;
    for (long step : steps()) {
      if (step >= saved) {
        continue;
      }
      if (kept < keep && hasAllFiles(step)) {
        kept++;
      } else if (Manifest.owns(folderOf(step), names)) {
        removeOld(folderOf(step), step);
      }
    }
  }

  private boolean hasAllFiles(long step) {
    try {
      Manifest.check(folderOf(step), step);
      return true;
    } catch (Manifest.Flaw e) {
      return false;
    }
  }

  /** Hides the folder first, so that a crash between two deletions leaves no torn checkpoint. */
  private void removeOld(Path old, long step) {
    try {
      Path hidden = DurableFiles.unfinished(folder, "old-step-" + step);
      disk.move(old, hidden);
      DurableFiles.remove(disk, hidden);
    } catch (IOException e) {
      warnings.accept(
          Format.text("Cannot remove the old checkpoint %s: %s.", old, IoErrors.reason(e)));
    }
  }
}
