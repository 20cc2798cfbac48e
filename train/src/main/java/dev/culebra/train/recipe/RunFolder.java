package dev.culebra.train.recipe;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.RunLock;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.RunInfo.Stage;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * Where things lie in a run's folder, and whose they are: a folder belongs to a run only if its
 * {@link #RUN} says so. What else it holds is its user's, and is neither changed nor deleted.
 */
public final class RunFolder {

  /** The model in its present state, for everybody to use. */
  public static final String MODEL = "model";

  /** Checkpoints: model, optimiser and position, to resume from. */
  public static final String CHECKPOINTS = "checkpoints";

  /** Token ids of the data. */
  public static final String TOKENS = "tokens";

  /** One JSON object per step. */
  public static final String METRICS = "metrics.jsonl";

  /** The configuration, versions and device. */
  public static final String RUN = "run.json";

  /** All that a run writes into its folder. */
  public static final List<String> NAMES =
      List.of(RUN, TOKENS, METRICS, CHECKPOINTS, MODEL, RunLock.NAME);

  private RunFolder() {}

  /** Whether {@code folder} is a run's: its {@code run.json} is one of ours. */
  public static boolean exists(Path folder) {
    return RunInfo.stage(folder) != Stage.NONE;
  }

  /**
   * Refuses to begin a run in a folder where that could touch anything that is not the run's.
   * Nothing is read or made but what lies directly in the folder.
   *
   * @throws BadInputException if the folder has no name, is no folder, cannot be written, holds a
   *     run that has begun, or holds something under a name that the run would write
   */
  public static void checkNew(Path folder) {
    checkNamed(folder);
    if (!Files.exists(folder) && Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new BadInputException(
          folder + " is a link to something that is not there: name another --out");
    }
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw new BadInputException(there + " is a file, not a folder: name another --out");
    }
    if (!Files.isWritable(there)) {
      throw new BadInputException(
          Format.text("%s cannot be written in: name another --out", there));
    }
    switch (RunInfo.stage(folder)) {
      case BEGUN ->
          throw new BadInputException(
              folder + " holds a run already: continue it with --resume, or name another --out");
      case PREPARING -> {} // it never began: its place is taken over
      case NONE -> checkAbsent(folder);
    }
  }

  /** Refuses a folder without a name. */
  public static void checkNamed(Path folder) {
    if (folder.toString().isBlank()) {
      throw new BadInputException(
          "--out names no folder: give a name, or a full stop for the current folder");
    }
  }

  private static void checkAbsent(Path folder) {
    List<String> found =
        NAMES.stream()
            .filter(name -> Files.exists(folder.resolve(name), LinkOption.NOFOLLOW_LINKS))
            .filter(name -> !name.equals(RunLock.NAME) || !RunLock.wrote(folder))
            .toList();
    if (!found.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "%s holds %s, and no run: a run would write there; move %s away, or name another"
                  + " --out",
              folder.toString().equals(".") ? "the current folder" : folder,
              String.join(", ", found),
              found.size() == 1 ? "it" : "them"));
    }
  }

  /**
   * The folder of the model in a run's folder, or the folder itself.
   *
   * @throws BadInputException if there is no folder, or it is that of a run which has saved no
   *     model, or none of one step
   */
  public static Path modelIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          "there is no folder " + folder + ": give the folder of a run or of a model");
    }
    Path inside = folder.resolve(MODEL);
    if (exists(folder)) {
      ModelStep.check(folder);
      return inside;
    }
    return Files.isDirectory(inside) ? inside : folder;
  }
}
