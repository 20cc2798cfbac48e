package dev.culebra.bindings;

import java.util.List;

/**
 * What became of one native library, for people.
 *
 * @param name its name
 * @param loaded whether it is loaded now, and fit for use
 * @param description version and file, or why it is not loaded
 * @param attempts where it was looked for, in order
 */
public record LibraryStatus(
    String name, boolean loaded, String description, List<Attempt> attempts) {

  public LibraryStatus {
    attempts = List.copyOf(attempts);
  }
}
