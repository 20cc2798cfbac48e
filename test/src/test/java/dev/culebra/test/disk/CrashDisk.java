package dev.culebra.test.disk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a disk would hold after a power cut, kept beside what a program does to a folder: the bytes
 * of a file are those of its last sync, and a folder's entries those of the folder's last sync.
 *
 * <p>A file system may also write entries early. So there are two states to fear at every moment:
 * with the entries of the last sync, and with all entries up to now; bytes are lost in both.
 */
final class CrashDisk {

  /** A file or a folder. */
  private static final class Node {
    private final boolean folder;
    private final Map<String, Node> live = new HashMap<>();
    private Map<String, Node> synced = Map.of();
    private byte[] bytes = new byte[0];

    Node(boolean folder) {
      this.folder = folder;
    }
  }

  /**
   * Files with their bytes, and folders with null, by their paths.
   *
   * @param moment what was done last
   */
  record State(String moment, Map<String, byte[]> files) {

    /** Writes the state into an empty folder. */
    void write(Path into) throws IOException {
      for (Map.Entry<String, byte[]> entry : files.entrySet()) {
        Path path = into.resolve(entry.getKey());
        if (entry.getValue() == null) {
          Files.createDirectories(path);
        } else {
          Files.write(path, entry.getValue());
        }
      }
    }

    private String key() {
      StringBuilder key = new StringBuilder();
      files.forEach((path, bytes) -> key.append(path).append(System.identityHashCode(bytes)));
      return key.toString();
    }
  }

  private final Path root;
  private final Node top = new Node(true);
  private final Map<String, State> states = new LinkedHashMap<>();
  private boolean watching;

  /** A disk with an empty folder. */
  CrashDisk(Path root) {
    this.root = root;
  }

  /** From now on states are remembered. */
  void watch() {
    watching = true;
    remember("watching begins");
  }

  /** The different states that there were since {@link #watch}. */
  List<State> states() {
    return new ArrayList<>(states.values());
  }

  private Node node(Path path) {
    Node node = top;
    for (Path name : root.relativize(path)) {
      if (!name.toString().isEmpty()) {
        node = node.live.get(name.toString());
      }
    }
    return node;
  }

  void created(Path path, boolean folder) {
    node(path.getParent()).live.put(path.getFileName().toString(), new Node(folder));
    remember("create " + root.relativize(path));
  }

  void moved(Path from, Path to) {
    Node node = node(from.getParent()).live.remove(from.getFileName().toString());
    node(to.getParent()).live.put(to.getFileName().toString(), node);
    remember("move " + root.relativize(from) + " to " + root.relativize(to));
  }

  void deleted(Path path) {
    node(path.getParent()).live.remove(path.getFileName().toString());
    remember("delete " + root.relativize(path));
  }

  /** A file's bytes are what they are now, a folder's entries too. */
  void synced(Path path) throws IOException {
    Node node = node(path);
    if (node.folder) {
      node.synced = Map.copyOf(node.live);
    } else {
      node.bytes = Files.readAllBytes(path);
    }
    remember("sync " + root.relativize(path));
  }

  private void remember(String moment) {
    if (watching) {
      for (boolean early : new boolean[] {false, true}) {
        Map<String, byte[]> files = new TreeMap<>();
        collect(top, "", early, files);
        State state = new State(moment + (early ? ", entries written early" : ""), files);
        states.putIfAbsent(state.key(), state);
      }
    }
  }

  private static void collect(Node of, String path, boolean early, Map<String, byte[]> into) {
    (early ? of.live : of.synced)
        .forEach(
            (name, node) -> {
              into.put(path + name, node.folder ? null : node.bytes);
              collect(node, path + name + "/", early, into);
            });
  }
}
