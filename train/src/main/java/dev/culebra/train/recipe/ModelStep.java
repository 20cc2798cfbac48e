package dev.culebra.train.recipe;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.CheckpointStore;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What a run's model folder says of itself, in its file {@value #NAME}: after which step its model
 * was. It is written before the first file of a model and once more behind the last, so that a
 * writer that was killed between two of them is found out.
 *
 * @param step the optimiser step
 * @param complete whether all files are of that step
 */
public record ModelStep(long step, boolean complete) {

  /** The file's name. */
  public static final String NAME = "step.json";

  private static final ModelStep NONE = new ModelStep(-1, false);

  /** Writes the files of a model. */
  @FunctionalInterface
  public interface Writing {
    /** Writes all of them into a folder that exists. */
    void into(Path folder) throws IOException;
  }

  /** Writes the model of a run after a step. */
  public static void write(Path run, long step, Writing files) throws IOException {
    Path folder = run.resolve(RunFolder.MODEL);
    DurableFiles.createFolders(folder);
    DurableFiles.replace(folder.resolve(NAME), Json.content(new ModelStep(step, false)));
    files.into(folder);
    DurableFiles.replace(folder.resolve(NAME), Json.content(new ModelStep(step, true)));
  }

  /** Deletes what killed writers left in the model folder of a run. */
  public static void clear(Path run) throws IOException {
    Path folder = run.resolve(RunFolder.MODEL);
    DurableFiles.removeUnfinished(folder);
    if (Files.isDirectory(folder)) {
      try (var inside = Files.newDirectoryStream(folder)) {
        for (Path path : inside) {
          if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            DurableFiles.removeUnfinished(path);
          }
        }
      }
    }
  }

  /** Whether the model folder of a run holds the whole model after a step. */
  public static boolean is(Path run, long step) {
    return in(run).equals(new ModelStep(step, true))
        && Files.isRegularFile(run.resolve(RunFolder.MODEL).resolve("config.json"));
  }

  private static ModelStep in(Path run) {
    Path file = run.resolve(RunFolder.MODEL).resolve(NAME);
    if (!Files.isRegularFile(file)) {
      return NONE;
    }
    try {
      return Json.read(file, ModelStep.class);
    } catch (BadInputException e) {
      return NONE;
    }
  }

  /**
   * Looks whether the model folder of a run can be used, and notes it if there is a newer
   * checkpoint.
   *
   * @throws BadInputException if there is no model, or its files are of two steps
   */
  static void check(Path run) {
    if (!Files.isDirectory(run.resolve(RunFolder.MODEL))) {
      throw new BadInputException(
          Format.text("the run %s has saved no model yet: %s", run, remedy(run)));
    }
    if (!Files.exists(run.resolve(RunFolder.MODEL).resolve(NAME))) {
      return; // an older program wrote it, which said nothing of steps
    }
    ModelStep found = in(run);
    if (!found.complete) {
      throw new BadInputException(
          Format.text(
              "%s is not whole, its writer was stopped on the way or is still at work: %s",
              run.resolve(RunFolder.MODEL), remedy(run)));
    }
    OptionalLong newest = CheckpointStore.highest(run.resolve(RunFolder.CHECKPOINTS));
    if (newest.isPresent() && newest.getAsLong() != found.step) {
      Notes.tell(
          Format.text(
              "the model in %s is that after step %d, and the newest checkpoint is that after step"
                  + " %d: %s",
              run, found.step, newest.getAsLong(), remedy(run)));
    }
  }

  private static String remedy(Path run) {
    return Format.text("culebra train --resume --out %s writes it from the newest checkpoint", run);
  }
}
