package dev.culebra.objectives.text.corruption;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.BitSet;

/**
 * Rows that an encoder will read, special tokens among them, before anything is hidden.
 *
 * @param rows the rows, none of which is asked anything yet
 * @param wordStarts the rows at which words begin
 */
record Framed(Sequence rows, BitSet wordStarts) {

  /** A text, and the tokens around it if wanted. */
  static Framed of(Text text, SpecialTokens specials, boolean framed) {
    Sequence.Builder rows = new Sequence.Builder(text.length() + 2);
    BitSet words = new BitSet();
    if (framed) {
      rows.add(specials.id(Special.BEGIN), Sequence.NOWHERE);
    }
    for (int i = 0; i < text.length(); i++) {
      words.set(rows.length(), text.startsWord(i));
      rows.add(text.token(i), i);
    }
    if (framed) {
      rows.add(specials.id(Special.END), Sequence.NOWHERE);
    }
    return new Framed(rows.build(Pattern.BIDIRECTIONAL), words);
  }
}
