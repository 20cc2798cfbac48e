package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for one native library in an ordered list of places, and keeps every attempt with its
 * reason.
 *
 * <p>A file that the user names, by property or else by environment variable, is the only one
 * tried: if it cannot be loaded, that is an error and no other place is asked. Otherwise the first
 * file that loads ends the search. Files are loaded by absolute path, so that the system's loader
 * gives its real reason when it refuses one. Libraries that must be loaded before are taken from
 * the same folder if they are there; else the system's loader looks for them.
 *
 * <p>What is loaded stays loaded: a dependency of a refused file does too.
 */
final class LibrarySearch {

  private final String library;
  private final List<String> fileNames;
  private final List<String> dependencies;
  private final List<Attempt> attempts = new ArrayList<>();
  private Path loaded;

  /**
   * A search for one library.
   *
   * @param library its name for people
   * @param fileNames the file names to try in each folder, best first
   * @param dependencies the file names of libraries to be loaded before, in order
   */
  LibrarySearch(String library, List<String> fileNames, List<String> dependencies) {
    this.library = library;
    this.fileNames = List.copyOf(fileNames);
    this.dependencies = List.copyOf(dependencies);
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
      Path dependency = file.resolveSibling(name);
      if (Files.exists(dependency)) {
        Optional<String> problem = SharedObject.problem(dependency).or(() -> load(dependency));
        if (problem.isPresent()) {
          return Optional.of("its dependency " + name + ": " + problem.get());
        }
      }
    }
    return Optional.empty();
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
        "%s cannot be loaded from %s, which the %s names: %s. Name a usable %s there, or unset it."
            .formatted(
                library, attempt.file(), attempt.place(), attempt.outcome(), fileNames.getFirst()),
        attempts);
  }

  private LibraryNotFoundException notFound(String property, String variable) {
    StringBuilder message = new StringBuilder(library + " was not found. Tried, in this order:");
    attempts.forEach(attempt -> message.append("\n  ").append(attempt));
    message.append(
        "\nSet the property %s or the environment variable %s to the path of %s."
            .formatted(property, variable, fileNames.getFirst()));
    return new LibraryNotFoundException(message.toString(), attempts);
  }
}
