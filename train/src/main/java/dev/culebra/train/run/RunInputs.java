package dev.culebra.train.run;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.DataFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** The files and folders that a recipe names, judged before anything is read or made. */
final class RunInputs {

  /** Lists of files and folders, which are read as a whole. */
  private static final List<Setting<String>> DATA =
      List.of(Settings.DATA, Settings.PAIRS, Settings.REPLAY_PATH);

  /** Single files and folders. */
  private static final List<Setting<String>> OTHERS =
      List.of(Settings.TOKENIZER, Settings.INIT, Settings.EXCEPTIONS, Settings.GUIDE);

  private RunInputs() {}

  /**
   * Refuses a recipe that names what is not there, or what lies where the run would write.
   *
   * @param folder the run's
   */
  static void check(Recipe recipe, Path folder) {
    for (Setting<String> setting : DATA) {
      String list = recipe.get(setting);
      if (!list.isEmpty()) {
        for (Path path : DataFiles.named(list)) {
          check(setting, path, folder);
          if (Files.isDirectory(path) && real(folder).startsWith(real(path))) {
            throw new BadInputException(
                Format.text(
                    "the run's folder %s lies in %s, of which all is read as data: name an --out"
                        + " beside it",
                    folder, path));
          }
        }
      }
    }
    for (Setting<String> setting : OTHERS) {
      String name = recipe.get(setting);
      if (!name.isEmpty()) {
        check(setting, path(setting, name), folder);
      }
    }
  }

  private static Path path(Setting<String> setting, String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new BadInputException(
          Format.text("%s: \"%s\" is no path: %s", setting.key(), name, e.getReason()), e);
    }
  }

  private static void check(Setting<String> setting, Path path, Path folder) {
    if (!Files.exists(path)) {
      throw new BadInputException(
          Format.text("There is no file or folder %s, which %s names", path, setting.key()));
    }
    for (String name : RunFolder.NAMES) {
      Path written = folder.resolve(name);
      if (real(path).startsWith(real(written))) {
        throw new BadInputException(
            Format.text(
                "%s names %s, which lies where the run would write, in %s: name another --out",
                setting.key(), path, written));
      }
    }
  }

  /** The place of a path with all links followed, also if it, or what leads to it, is not there. */
  private static Path real(Path path) {
    Path whole = path.toAbsolutePath().normalize();
    Path there = whole;
    while (there.getParent() != null && !Files.exists(there)) {
      there = there.getParent();
    }
    try {
      return there.toRealPath().resolve(there.relativize(whole)).normalize();
    } catch (IOException e) {
      return whole;
    }
  }
}
