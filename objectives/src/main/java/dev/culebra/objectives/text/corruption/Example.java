package dev.culebra.objectives.text.corruption;

import java.util.Arrays;
import java.util.BitSet;

/**
 * One corrupted sample. A decoder that stands beside an encoder also sees all of the encoder's rows
 * (cross attention).
 *
 * @param encoder what the encoder reads and is asked, or {@link Sequence#NONE}
 * @param decoder what the decoder reads and is asked, or {@link Sequence#NONE}
 * @param label what is asked of the sample as a whole (0 or 1 for sentence pairs), or {@link
 *     Sequence#IGNORE}
 */
public record Example(Sequence encoder, Sequence decoder, int label) {

  /** A sample for an encoder alone. */
  public static Example encoder(Sequence encoder) {
    return new Example(encoder, Sequence.NONE, Sequence.IGNORE);
  }

  /** A sample for a decoder alone. */
  public static Example decoder(Sequence decoder) {
    return new Example(Sequence.NONE, decoder, Sequence.IGNORE);
  }

  /** A sample for an encoder and a decoder. */
  public static Example pair(Sequence encoder, Sequence decoder) {
    return new Example(encoder, decoder, Sequence.IGNORE);
  }

  /** How many rows carry a label. */
  public int labelCount() {
    return encoder.labelCount() + decoder.labelCount();
  }

  /**
   * The original text, put together from what the inputs show and what the labels ask for. What
   * neither holds stays {@link Sequence#NOWHERE}.
   *
   * @param length how many tokens the original had
   */
  public int[] reassemble(int length) {
    int[] original = new int[length];
    Arrays.fill(original, Sequence.NOWHERE);
    for (Sequence side : new Sequence[] {encoder, decoder}) {
      for (int row = 0; row < side.length(); row++) {
        if (side.shown(row) != Sequence.NOWHERE) {
          original[side.shown(row)] = side.id(row);
        }
        if (side.asked(row) != Sequence.NOWHERE) {
          original[side.asked(row)] = side.label(row);
        }
      }
    }
    return original;
  }

  /** The tokens of the original that the encoder's input shows. */
  public BitSet kept() {
    BitSet kept = new BitSet();
    for (int row = 0; row < encoder.length(); row++) {
      if (encoder.shown(row) != Sequence.NOWHERE) {
        kept.set(encoder.shown(row));
      }
    }
    return kept;
  }
}
