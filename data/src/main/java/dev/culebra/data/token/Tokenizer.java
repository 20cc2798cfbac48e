package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import java.util.BitSet;
import java.util.OptionalInt;

/**
 * Text to token ids and back.
 *
 * <p>Special tokens are never read out of documents: {@code "<|endoftext|>"} in one is encoded as
 * the ordinary characters it is made of. Nothing is added around a text: see {@link Template}.
 * Tokenizers may be shared by threads. Closing twice is allowed; use after close is an exception.
 */
public interface Tokenizer extends AutoCloseable {

  /** The ids of a text; an empty text has none. Unpaired surrogates are read as U+FFFD. */
  int[] encode(String text);

  /**
   * The text of ids, special tokens included as they are written. Bytes that are not UTF-8 (ids cut
   * within a character) become U+FFFD.
   *
   * @throws BadInputException if an id is outside the vocabulary
   */
  String decode(int[] ids);

  /** One more than the largest id. */
  int vocabularySize();

  /**
   * The ids of a text in which people may write special tokens by their names: a prompt. White
   * space beside them belongs to them where {@code tokenizer.json} says so.
   */
  default int[] encodePrompt(String text) {
    return encode(text);
  }

  /**
   * The id that ends a document: what the files beside {@code tokenizer.json} name, or else the
   * first token of a usual name.
   *
   * @throws BadInputException if the vocabulary has no such token
   */
  default int endOfText() {
    int named = traits().roles().documentEnd();
    return named >= 0 ? named : EndOfText.in(this);
  }

  /** What the tokenizer's files say beside its vocabulary. */
  default TokenizerTraits traits() {
    return TokenizerTraits.PLAIN;
  }

  /**
   * The token of an id as {@code tokenizer.json} writes it (for byte-level BPE {@code "Ġwhale"},
   * not {@code " whale"}).
   *
   * @throws BadInputException if the id is outside the vocabulary
   */
  String token(int id);

  /** The id of a token as {@code tokenizer.json} writes it, special ones included. */
  OptionalInt id(String token);

  /**
   * The ids of tokens that stand beside the vocabulary of the model of the text: special ones, and
   * others that were added.
   */
  default BitSet added() {
    return new BitSet();
  }

  @Override
  void close();
}
