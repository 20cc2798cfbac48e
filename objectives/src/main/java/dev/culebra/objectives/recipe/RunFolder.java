package dev.culebra.objectives.recipe;

import static java.util.Comparator.reverseOrder;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Where things lie in a run's folder. */
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

  private RunFolder() {}

  /** Whether a run was begun in {@code folder}. */
  public static boolean exists(Path folder) {
    return folder.resolve(RUN).toFile().isFile();
  }

  /** The folder of the model in a run's folder, or the folder itself. */
  public static Path modelIn(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          "there is no folder " + folder + ": give the folder of a run or of a model");
    }
    Path inside = folder.resolve(MODEL);
    return Files.isDirectory(inside) ? inside : folder;
  }

  /** Removes all that is in {@code folder}. */
  public static void removeFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> !f.equals(folder)).sorted(reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
