package dev.culebra.models.electra;

import dev.culebra.models.bert.EncoderShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The shapes of ELECTRA's two encoders, of one vocabulary and context.
 *
 * @param generator the one that fills masks, smaller
 * @param discriminator the one that is wanted
 * @param embedding width of the embeddings that both read, E; whichever has another width projects
 *     them
 */
public record ElectraShape(EncoderShape generator, EncoderShape discriminator, int embedding) {

  /** How many times as wide the discriminator is, as the authors recommend. */
  private static final int RATIO = 4;

  /**
   * The usual generator beside a discriminator: a quarter of its width, heads and feed-forward
   * width. The embeddings are as wide as the discriminator.
   *
   * @throws BadInputException if the width cannot be parted so
   */
  public static ElectraShape of(EncoderShape d) {
    return of(d, d.width());
  }

  /**
   * The usual generator beside a discriminator with embeddings of any width.
   *
   * @throws BadInputException if the width cannot be parted so
   */
  public static ElectraShape of(EncoderShape d, int embedding) {
    int heads = Math.max(1, d.heads() / RATIO);
    if (d.width() % (RATIO * heads) != 0) {
      throw new BadInputException(
          Format.text(
              "model.width %d has no quarter for a generator of %d heads: choose a multiple of %d",
              d.width(), heads, RATIO * heads));
    }
    EncoderShape g =
        new EncoderShape(
            d.vocabulary(),
            d.context(),
            d.width() / RATIO,
            d.layers(),
            heads,
            Math.max(1, d.hidden() / RATIO),
            d.epsilon(),
            d.activation(),
            EncoderShape.Head.TOKENS);
    return new ElectraShape(g, d, embedding);
  }

  /** The same with another number of token ids. */
  public ElectraShape withVocabulary(int ids) {
    return new ElectraShape(
        generator.withVocabulary(ids), discriminator.withVocabulary(ids), embedding);
  }
}
