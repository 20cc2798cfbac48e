package dev.culebra.train.run;

import dev.culebra.data.token.TokenFolder;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.RunLock;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A run's hold on its folder while it trains. A new run that ends before it has {@link #begun}, for
 * its data or its model cannot be had, leaves nothing behind that it made: no folder, no lock.
 */
final class RunHold implements AutoCloseable {

  private final Path folder;
  private final RunLock lock;
  private final List<Path> made;
  private boolean keeps;

  private RunHold(Path folder, RunLock lock, List<Path> made, boolean keeps) {
    this.folder = folder;
    this.lock = lock;
    this.made = made;
    this.keeps = keeps;
  }

  /** Locks the folder of a run that exists. */
  static RunHold resumed(Path folder) throws IOException {
    RunHold hold = new RunHold(folder, RunLock.acquire(folder), List.of(), true);
    hold.clear();
    return hold;
  }

  /**
   * Makes and locks the folder of a new run, and says in it whose it is.
   *
   * @param device what it begins on
   */
  static RunHold begin(Path folder, Recipe recipe, String device) throws IOException {
    RunFolder.checkNew(folder);
    List<Path> made = DurableFiles.createFolders(folder);
    RunHold hold = null;
    try {
      hold = new RunHold(folder, RunLock.acquire(folder), made, true);
      RunFolder.checkNew(folder); // what came meanwhile
      hold.keeps = false;
      hold.clear();
      RunInfo.preparing(recipe, device).write(folder);
      return hold;
    } catch (IOException | RuntimeException e) {
      if (hold != null) {
        hold.close();
      }
      removeEmpty(made);
      throw e;
    }
  }

  /** Deletes what killed writers left. */
  private void clear() throws IOException {
    DurableFiles.removeUnfinished(folder);
  }

  /** From now on the folder stays, whatever happens. */
  void begun() {
    keeps = true;
  }

  @Override
  public void close() throws IOException {
    try (lock) {
      if (!keeps) {
        clear();
        TokenFolder.remove(folder.resolve(RunFolder.TOKENS));
        Files.deleteIfExists(folder.resolve(RunFolder.RUN));
        Files.deleteIfExists(folder.resolve(RunLock.NAME));
      }
    }
    if (!keeps) {
      removeEmpty(made);
    }
  }

  /** Deletes folders, the innermost first, up to the first that holds something. */
  private static void removeEmpty(List<Path> folders) throws IOException {
    try {
      for (Path path : folders.reversed()) {
        Files.deleteIfExists(path);
      }
    } catch (DirectoryNotEmptyException e) {
      return; // somebody else has put something there
    }
  }
}
