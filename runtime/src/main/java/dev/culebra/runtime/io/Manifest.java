package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * {@code checkpoint.json}: the list of a checkpoint's files, written after them. A folder is a
 * complete checkpoint if this list is in it and every file is as the list says.
 *
 * @param format the version of this layout, {@link #FORMAT}
 * @param step the optimiser step after which the checkpoint was taken
 * @param files size and checksum by file name
 */
record Manifest(int format, long step, SortedMap<String, Checksum> files) {
  static final int FORMAT = 1;
  static final String NAME = "checkpoint.json";

  /** Why a folder is no complete checkpoint. */
  static final class Flaw extends Exception {
    Flaw(String message) {
      super(message);
    }
  }

  /**
   * Whether a file of a checkpoint may have this name: no path, not hidden, not the list itself.
   */
  static boolean allows(String name) {
    return !name.isEmpty()
        && !name.startsWith(".")
        && name.indexOf('/') < 0
        && name.indexOf('\0') < 0
        && !name.equals(NAME);
  }

  /** Reads a folder's list and compares the sizes of its files. */
  static Manifest check(Path folder, long step) throws Flaw {
    Manifest manifest = readFrom(folder);
    if (manifest.format != FORMAT) {
      throw new Flaw(
          Format.text("it has format %d, and this program reads %d", manifest.format, FORMAT));
    }
    if (manifest.step != step || manifest.files == null) {
      throw new Flaw(Format.text("its %s is of another step or without files", NAME));
    }
    for (Map.Entry<String, Checksum> file : manifest.files.entrySet()) {
      if (!allows(file.getKey()) || file.getValue() == null) {
        throw new Flaw(Format.text("%s lists the impossible file %s", NAME, file.getKey()));
      }
      manifest.compareSize(folder, file.getKey());
    }
    return manifest;
  }

  /**
   * Whether a folder is a checkpoint and nothing else, perhaps a damaged one, so that it may be
   * deleted: it is empty, or has a list and no file that a checkpoint has not.
   *
   * @param usual names of a checkpoint's files, in case that the list cannot be read
   */
  static boolean owns(Path folder, Set<String> usual) {
    Set<String> names = new HashSet<>(usual);
    names.add(NAME);
    try {
      Manifest manifest = readFrom(folder);
      if (manifest.files != null) {
        names.addAll(manifest.files.keySet());
      }
    } catch (Flaw e) {
      // then the usual names have to do
    }
    try {
      List<Path> found = DurableFiles.list(folder);
      return found.isEmpty()
          || (Files.exists(folder.resolve(NAME))
              && found.stream()
                  .allMatch(
                      path ->
                          names.contains(path.getFileName().toString())
                              && Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)));
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads a folder's list and every byte of its files. */
  static Manifest verify(Path folder, long step) throws Flaw {
    Manifest manifest = check(folder, step);
    for (Map.Entry<String, Checksum> file : manifest.files.entrySet()) {
      Checksum found;
      try {
        found = Checksum.of(folder.resolve(file.getKey()));
      } catch (IOException e) {
        throw new Flaw(Format.text("%s cannot be read: %s", file.getKey(), IoErrors.reason(e)));
      }
      if (!found.equals(file.getValue())) {
        throw new Flaw(
            Format.text(
                "%s has the checksum %s, not %s",
                file.getKey(), found.crc32c(), file.getValue().crc32c()));
      }
    }
    return manifest;
  }

  private static Manifest readFrom(Path folder) throws Flaw {
    if (!Files.exists(folder.resolve(NAME))) {
      throw new Flaw(NAME + " is missing");
    }
    try {
      return Json.read(folder.resolve(NAME), Manifest.class);
    } catch (BadInputException e) {
      throw new Flaw(NAME + " is damaged");
    }
  }

  private void compareSize(Path folder, String name) throws Flaw {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new Flaw(name + " is missing");
    }
    long bytes;
    try {
      bytes = Files.size(file);
    } catch (IOException e) {
      throw new Flaw(Format.text("%s cannot be read: %s", name, IoErrors.reason(e)));
    }
    if (bytes != files.get(name).bytes()) {
      throw new Flaw(Format.text("%s has %d bytes, not %d", name, bytes, files.get(name).bytes()));
    }
  }
}
