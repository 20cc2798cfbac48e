package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks for one native library in an ordered list of places, and keeps every attempt with its
 * reason.
 *
 * <p>A file that the user names, by property or else by environment variable, is the only one
 * tried: if it cannot be loaded, that is an error and no other place is asked. Otherwise the first
 * file that loads ends the search. Files are loaded by absolute path, so that the system's loader
 * gives its real reason when it refuses one. Libraries that must be loaded before are taken from
 * the same folder if they are there (the folder of the file itself, if a symbolic link's has none);
 * else the system's loader looks for them.
 *
 * <p>What is loaded stays loaded: a dependency of a refused file does too.
 */
final class LibrarySearch {

  private final String library;
  private final List<String> fileNames;
  private final List<String> dependencies;
  private final Function<Path, Optional<String>> objection;
  private final List<Attempt> attempts = new ArrayList<>();
  private Path loaded;

  /** A search for a library that needs no other. */
  LibrarySearch(String library, List<String> fileNames) {
    this(library, fileNames, List.of());
  }

  /**
   * A search for one library.
   *
   * @param library its name for people
   * @param fileNames the file names to try in each folder, best first
   * @param dependencies the file names of libraries to be loaded before, in order; {@code *} stands
   *     for any characters
   */
  LibrarySearch(String library, List<String> fileNames, List<String> dependencies) {
    this(library, fileNames, dependencies, _ -> Optional.empty());
  }

  /**
   * A search that refuses some files.
   *
   * @param objection why a file that is there must not be loaded, if it must not
   */
  LibrarySearch(
      String library,
      List<String> fileNames,
      List<String> dependencies,
      Function<Path, Optional<String>> objection) {
    this.library = library;
    this.fileNames = List.copyOf(fileNames);
    this.dependencies = List.copyOf(dependencies);
    this.objection = objection;
  }

  /**
   * Loads the library.
   *
   * @param property the system property by which a user names the file
   * @param variable the environment variable by which a user names the file
   * @param places where to look if the user names none, best first
   * @throws LibraryNotFoundException if no place has a file that loads
   */
  NativeLibrary load(String property, String variable, List<LibraryPlace> places) {
    boolean named =
        offerNamed("property " + property, System.getProperty(property, ""))
            || offerNamed(
                "environment variable " + variable, System.getenv().getOrDefault(variable, ""));
    if (!named) {
      places.forEach(
          place -> {
            if (!done()) {
              place.offerTo(this);
            }
          });
    }
    if (!done()) {
      throw named ? refused() : notFound(property, variable);
    }
    return new NativeLibrary(library, loaded, property, variable, attempts);
  }

  /** The file names to try in each folder, best first. */
  List<String> fileNames() {
    return fileNames;
  }

  /** Whether the library is loaded. */
  boolean done() {
    return loaded != null;
  }

  /** Notes why a place has nothing to offer. */
  void reject(String place, String file, String reason) {
    attempts.add(new Attempt(place, file, reason));
  }

  /** Tries to load a file unless the library is loaded already. */
  void offer(String place, Path file) {
    if (done()) {
      return;
    }
    Path absolute = file.toAbsolutePath();
    Optional<String> problem =
        SharedObject.problem(absolute)
            .or(() -> objection.apply(absolute))
            .or(() -> loadDependencies(absolute))
            .or(() -> load(absolute));
    if (problem.isPresent()) {
      reject(place, absolute.toString(), problem.get());
    } else {
      attempts.add(Attempt.succeeded(place, absolute.toString()));
      loaded = followLinks(absolute);
    }
  }

  private boolean offerNamed(String place, String file) {
    if (file.isBlank()) {
      reject(place, "", "not set");
      return false;
    }
    try {
      offer(place, Path.of(file));
    } catch (InvalidPathException e) {
      reject(place, file, "not a path: " + e.getReason());
    }
    return true;
  }

  private Optional<String> loadDependencies(Path file) {
    for (String name : dependencies) {
      for (Path dependency : besides(file, name)) {
        Optional<String> problem = SharedObject.problem(dependency).or(() -> load(dependency));
        if (problem.isPresent()) {
          return Optional.of("its dependency " + dependency.getFileName() + ": " + problem.get());
        }
      }
    }
    return Optional.empty();
  }

  private static List<Path> besides(Path file, String name) {
    List<Path> found = matches(file.getParent(), name);
    return found.isEmpty() ? matches(followLinks(file).getParent(), name) : found;
  }

  /** What a folder holds under a name, where {@code *} stands for any characters; sorted. */
  static List<Path> matches(Path folder, String name) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, name)) {
      files.forEach(found::add);
    } catch (IOException | DirectoryIteratorException e) {
      // A folder that is not there, or cannot be listed, offers nothing.
      return List.of();
    }
    found.sort(null);
    return found;
  }

  private static Optional<String> load(Path file) {
    try {
      System.load(file.toString());
      return Optional.empty();
    } catch (UnsatisfiedLinkError e) {
      return Optional.of(String.valueOf(e.getMessage()).replace(file + ": ", ""));
    }
  }

  private static Path followLinks(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file;
    }
  }

  private LibraryNotFoundException refused() {
    Attempt attempt = attempts.getLast();
    return new LibraryNotFoundException(
        String.format(
            Locale.ROOT,
            "%s cannot be loaded from %s, which the %s names: %s. Name a usable %s there, or unset"
                + " it.",
            library,
            attempt.file(),
            attempt.place(),
            attempt.outcome(),
            fileNames.getFirst()),
        attempts);
  }

  private LibraryNotFoundException notFound(String property, String variable) {
    StringBuilder message =
        new StringBuilder(library + " was not found." + NativeLibraryException.TRIED);
    attempts.forEach(attempt -> message.append("\n  ").append(attempt));
    message.append(
        String.format(
            Locale.ROOT,
            "\nSet the property %s or the environment variable %s to the path of %s.",
            property,
            variable,
            fileNames.getFirst()));
    return new LibraryNotFoundException(message.toString(), attempts);
  }
}
