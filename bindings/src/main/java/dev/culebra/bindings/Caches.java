package dev.culebra.bindings;

import java.nio.file.Path;
import java.util.List;

/** Where this user's files are kept that can be made again. */
public final class Caches {

  private Caches() {}

  /** The folders, best first: the first that can be written is used. */
  public static List<Path> folders() {
    return CacheFolder.inOrder().stream().map(CacheFolder::path).toList();
  }
}
