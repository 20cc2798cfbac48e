package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of a folder and below, in an order that does not depend on the file system. Links are
 * followed, each file and folder is taken once, and what is passed over can be told.
 */
final class Folders {

  /** Why something in a folder is passed over. */
  private enum Reason {
    HIDDEN("hidden"),
    KIND("of no kind that is read here"),
    EMPTY("empty"),
    NOTHING("links to nothing"),
    LOOP("links to a folder above"),
    AGAIN("links to what is read already"),
    SPECIAL("special files");

    private final String words;

    Reason(String words) {
      this.words = words;
    }
  }

  private static final int MOST_NAMED = 3;

  private final Path folder;
  private final Predicate<Path> known;
  private final List<Path> files = new ArrayList<>();
  private final Map<Reason, List<Path>> passed = new EnumMap<>(Reason.class);
  private final Set<Path> seen = new HashSet<>();
  private final Deque<Path> links = new ArrayDeque<>();

  private Folders(Path folder, Predicate<Path> known) {
    this.folder = folder;
    this.known = known;
  }

  /**
   * Lists a folder.
   *
   * @param known whether a file's name says that it is of a kind that is read
   * @throws BadInputException if it or a folder below cannot be read
   */
  static Folders of(Path folder, Predicate<Path> known) {
    Folders listing = new Folders(folder, known);
    try {
      Path real = folder.toRealPath();
      listing.seen.add(real);
      listing.walk(folder, real);
      while (!listing.links.isEmpty()) { // behind what lies there, so that this comes first
        listing.follow(listing.links.removeFirst());
      }
    } catch (IOException | UncheckedIOException e) {
      throw new BadInputException("The folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
    listing.files.sort(Comparator.comparing(file -> slashed(folder.relativize(file))));
    return listing;
  }

  /** The known files of a folder, told nobody of the others; a file alone if it is known. */
  static List<Path> known(Path path, Predicate<Path> known) {
    if (Files.isDirectory(path)) {
      return of(path, known).files();
    }
    return known.test(path) ? List.of(path) : List.of();
  }

  private void walk(Path at, Path real) throws IOException {
    List<Path> entries;
    try (Stream<Path> list = Files.list(at)) {
      entries = list.sorted(Comparator.comparing(entry -> entry.getFileName().toString())).toList();
    }
    for (Path entry : entries) {
      if (entry.getFileName().toString().startsWith(".")) {
        pass(Reason.HIDDEN, entry);
      } else if (Files.isSymbolicLink(entry)) {
        links.addLast(entry);
      } else {
        take(entry, real.resolve(entry.getFileName()));
      }
    }
  }

  private void follow(Path link) throws IOException {
    if (!Files.exists(link)) {
      pass(Reason.NOTHING, link);
      return;
    }
    Path real = link.toRealPath();
    if (Files.isDirectory(real)
        && link.toAbsolutePath().getParent().toRealPath().startsWith(real)) {
      pass(Reason.LOOP, link);
    } else {
      take(link, real);
    }
  }

  private void take(Path entry, Path real) throws IOException {
    if (Files.isDirectory(entry)) {
      if (seen.add(real)) {
        walk(entry, real);
      } else {
        pass(Reason.AGAIN, entry);
      }
    } else if (!Files.isRegularFile(entry)) {
      pass(Reason.SPECIAL, entry);
    } else if (!known.test(entry)) {
      pass(Reason.KIND, entry);
    } else if (Files.size(entry) == 0) {
      pass(Reason.EMPTY, entry);
    } else if (!seen.add(real)) {
      pass(Reason.AGAIN, entry);
    } else {
      files.add(entry);
    }
  }

  private void pass(Reason reason, Path entry) {
    passed.computeIfAbsent(reason, _ -> new ArrayList<>()).add(folder.relativize(entry));
  }

  /** The files of known kinds that are not empty, sorted by path. */
  List<Path> files() {
    return files;
  }

  /** What is passed over and why, in one line; empty if nothing is. */
  String passedOver() {
    return passed.entrySet().stream()
        .map(entry -> counted(entry.getKey(), entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String counted(Reason reason, List<Path> entries) {
    return Format.text(
        "%s (%s%s)",
        Format.count(entries.size(), reason.words),
        entries.stream().limit(MOST_NAMED).map(Folders::slashed).collect(Collectors.joining(", ")),
        entries.size() > MOST_NAMED ? ", ..." : "");
  }

  /** Says what is passed over, if anything is. */
  Folders tell() {
    if (!passed.isEmpty()) {
      Notes.tell(Format.text("of the folder %s are passed over: %s", folder, passedOver()));
    }
    return this;
  }

  private static String slashed(Path relative) {
    List<String> names = new ArrayList<>();
    relative.forEach(name -> names.add(name.toString()));
    return String.join("/", names);
  }
}
