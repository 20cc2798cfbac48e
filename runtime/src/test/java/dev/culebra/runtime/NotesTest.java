package dev.culebra.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a note quotes comes from outside, and cannot leave its line. */
final class NotesTest {

  @Test
  void whatMovesTheCursorIsShown() {
    List<String> notes = new ArrayList<>();
    Notes.to(
        notes::add,
        () -> {
          Notes.tell("the key 'a\nb\u001b' changes nothing");
          return null;
        });
    assertThat(notes).containsExactly("the key 'a\\nb\\u001b' changes nothing");
  }
}
