package dev.culebra.objectives.text.corruption;

import dev.culebra.data.token.Text;
import java.util.List;

/** Texts by number, for objectives that set one beside another. */
public interface Documents {

  /** How many there are. */
  int count();

  /** A text with at least one token. */
  Text text(int index);

  /** Texts in memory. */
  static Documents of(List<Text> texts) {
    List<Text> copy = List.copyOf(texts);
    return new Documents() {
      @Override
      public int count() {
        return copy.size();
      }

      @Override
      public Text text(int index) {
        return copy.get(index);
      }
    };
  }
}
