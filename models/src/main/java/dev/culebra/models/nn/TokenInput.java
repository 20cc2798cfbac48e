package dev.culebra.models.nn;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;

/**
 * What a {@link TokenModel} reads: the rows of encoders, of decoders, or of both.
 *
 * @param encoder null where there is no encoder
 * @param decoder null where there is no decoder
 * @param cross which encoder rows each decoder row sees; null unless there are both
 * @param first I32: the first row of each sample, -1 behind the last
 * @param samples how many of {@code first} are to be used
 */
public record TokenInput(
    TokenRows encoder, TokenRows decoder, Intervals cross, Buffer first, long samples) {

  /** Rows of a decoder alone. */
  public static TokenInput decoder(TokenRows rows) {
    return new TokenInput(null, rows, null, null, 0);
  }

  /** Rows of an encoder alone. */
  public static TokenInput encoder(TokenRows rows) {
    return new TokenInput(rows, null, null, null, 0);
  }
}
