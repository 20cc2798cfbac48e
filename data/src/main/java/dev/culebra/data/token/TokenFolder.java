package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Checksum;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder of a run's token ids: what is the program's in it, by name. */
public final class TokenFolder {

  private static final Pattern FILES =
      Pattern.compile("pairs\\.json|tokens-[0-9]{5,}\\.bin(\\.partial)?");

  private static final Pattern FOLDERS = Pattern.compile("pairs|source-[1-9][0-9]*");

  private TokenFolder() {}

  /**
   * Makes an empty folder for the tokens of a run that begins; what a run left there that was
   * killed before it began is deleted.
   *
   * @throws BadInputException if it holds anything else
   */
  public static void begin(Path folder) throws IOException {
    remove(folder);
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new BadInputException(
          Format.text(
              "%s is in the way of the run's tokens, it holds %s: move it away, or name another"
                  + " --out",
              folder, String.join(", ", names(folder))));
    }
    DurableFiles.createFolders(folder);
  }

  private static List<String> names(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of("other data");
    }
    return list(folder).stream().map(path -> path.getFileName().toString()).sorted().toList();
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(paths::add);
    }
    return paths;
  }

  /** The checksum of a run's {@code tokenizer.json}. */
  public static String sum(Path tokenizer) {
    try {
      return Checksum.of(tokenizer).crc32c();
    } catch (IOException e) {
      throw new BadInputException("cannot read " + tokenizer + ": " + e.getMessage(), e);
    }
  }

  /** Opens the shards in a folder and reads all of them once, closing them if they are damaged. */
  public static TokenShards open(Path folder, Consumer<String> progress) {
    TokenShards shards = TokenShards.open(folder);
    try {
      return shards.verify(progress);
    } catch (RuntimeException e) {
      shards.close();
      throw e;
    }
  }

  /** Deletes what the program wrote, and the folder if nothing else is in it. */
  public static void remove(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean empty = true;
    for (Path path : list(folder)) {
      String name = path.getFileName().toString();
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        if (FOLDERS.matcher(name).matches()) {
          remove(path);
        }
        empty &= !Files.exists(path);
      } else if (TokenFiles.NAMES.contains(name)
          || FILES.matcher(name).matches()
          || DurableFiles.isUnfinished(path)) {
        Files.delete(path);
      } else {
        empty = false;
      }
    }
    if (empty) {
      Files.delete(folder);
    }
  }
}
