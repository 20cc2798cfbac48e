package dev.culebra.train.inference;

import java.util.Arrays;

/** A reader that computes all that is written anew for each token: what it writes is short. */
abstract class RereadingReader implements TokenReader {

  private final int context;
  private int[] written;

  /**
   * Nothing written yet.
   *
   * @param context most tokens that it can write, with those it begins with
   */
  RereadingReader(int context) {
    this.context = context;
  }

  /** The logits of the token after {@code written}. */
  abstract float[] read(int[] written);

  /** Begins with tokens. */
  final float[] readFirst(int[] begun) {
    written = begun;
    return read(written);
  }

  @Override
  public final float[] next(int id) {
    if (written.length == context) {
      return null;
    }
    written = Arrays.copyOf(written, written.length + 1);
    written[written.length - 1] = id;
    return read(written);
  }
}
