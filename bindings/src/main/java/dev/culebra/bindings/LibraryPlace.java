package dev.culebra.bindings;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A place where a native library may be. */
@FunctionalInterface
interface LibraryPlace {

  /** Offers the files of this place, best first, until the search has loaded one. */
  void offerTo(LibrarySearch search);

  /** A folder; its name says in a list of attempts where the folder comes from. */
  static LibraryPlace folder(String name, Path folder) {
    return search -> offerFolder(name, folder, search);
  }

  /**
   * The folder {@code lib} of an installed program, which the launcher names by the property {@code
   * culebra.home}.
   */
  static LibraryPlace besideTheProgram() {
    return search -> {
      String home = System.getProperty("culebra.home", "");
      if (home.isBlank()) {
        search.reject("beside the program", "", "property culebra.home is not set");
      } else {
        offerFolder("beside the program", Path.of(home, "lib"), search);
      }
    };
  }

  /**
   * The folders of {@code LD_LIBRARY_PATH}, then those where Linux distributions keep shared
   * libraries.
   */
  static LibraryPlace system() {
    return search -> {
      List<Path> folders = new ArrayList<>();
      String path = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
      for (String folder : path.split(File.pathSeparator, -1)) {
        if (!folder.isBlank()) {
          folders.add(Path.of(folder));
        }
      }
      folders.add(Path.of("/usr/local/lib"));
      folders.add(Path.of("/usr/lib/" + SharedObject.architecture() + "-linux-gnu"));
      folders.add(Path.of("/usr/lib64"));
      folders.add(Path.of("/usr/lib"));
      folders.forEach(folder -> offerFolder("system", folder, search));
    };
  }

  private static void offerFolder(String name, Path folder, LibrarySearch search) {
    if (search.done()) {
      return;
    }
    if (!Files.isDirectory(folder)) {
      search.reject(name, folder.toAbsolutePath().toString(), "no such folder");
      return;
    }
    for (String file : search.fileNames()) {
      search.offer(name, folder.resolve(file));
    }
  }
}
