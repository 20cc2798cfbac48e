package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * One document as token ids without special tokens, with where its words and sentences end, and how
 * its tokens are written if that is known.
 */
public final class Text {
  private final int[] tokens;
  private final BitSet wordStarts;
  private final BitSet stops;
  private final BitSet sentenceEnds;
  private final Optional<Writing> writing;

  /** How tokens are written and read: a tokenizer's two ways. */
  public interface Writing {
    /** The characters of tokens. */
    String decode(int[] tokens);

    /** The tokens of characters. */
    int[] encode(String text);
  }

  private Text(
      int[] tokens, BitSet wordStarts, BitSet stops, BitSet sentenceEnds, Writing writing) {
    this.tokens = tokens;
    this.wordStarts = wordStarts;
    this.stops = stops;
    this.sentenceEnds = sentenceEnds;
    this.writing = Optional.ofNullable(writing);
    if (tokens.length > 0) {
      wordStarts.set(0);
      sentenceEnds.set(tokens.length - 1);
    }
  }

  /** A text whose every token is a word, and that is one sentence. */
  public static Text of(int... tokens) {
    return new Text(tokens.clone(), all(tokens.length), new BitSet(), new BitSet(), null);
  }

  /**
   * A text with marks.
   *
   * @param wordStarts the tokens that begin a word; the first always does
   * @param stops the tokens that end a sentence, such as full stops; of several in a row the first
   */
  public static Text of(int[] tokens, BitSet wordStarts, BitSet stops) {
    if (wordStarts.length() > tokens.length || stops.length() > tokens.length) {
      throw new IllegalArgumentException("Marks beyond a text of " + tokens.length + " tokens");
    }
    BitSet ends = (BitSet) stops.clone();
    stops.stream().forEach(stop -> ends.set(stop, stop == 0 || !stops.get(stop - 1)));
    return new Text(
        tokens.clone(), (BitSet) wordStarts.clone(), (BitSet) stops.clone(), ends, null);
  }

  /** The same text, of which is known how it is written. */
  public Text written(Writing known) {
    return new Text(tokens, wordStarts, stops, sentenceEnds, known);
  }

  /** A document of sentences, each of whose tokens is a word. */
  public static Text ofSentences(List<int[]> sentences) {
    int length = sentences.stream().mapToInt(s -> s.length).reduce(0, Math::addExact);
    int[] tokens = new int[length];
    BitSet ends = new BitSet();
    int at = 0;
    for (int[] sentence : sentences) {
      if (sentence.length == 0) {
        throw new BadInputException("A sentence without tokens");
      }
      System.arraycopy(sentence, 0, tokens, at, sentence.length);
      at += sentence.length;
      ends.set(at - 1);
    }
    return new Text(tokens, all(length), new BitSet(), ends, null);
  }

  /**
   * The same text as two sentences, cut before the word that begins nearest to its middle.
   *
   * @throws BadInputException if it has fewer than two words
   */
  public Text halved() {
    int middle = tokens.length / 2;
    int cut = 0;
    for (int i = wordStarts.nextSetBit(1); i >= 0; i = wordStarts.nextSetBit(i + 1)) {
      cut = cut == 0 || Math.abs(i - middle) < Math.abs(cut - middle) ? i : cut;
    }
    if (cut == 0) {
      throw new BadInputException("A text of one word has no order: give at least two");
    }
    BitSet ends = new BitSet();
    ends.set(cut - 1);
    return new Text(tokens, wordStarts, stops, ends, writing.orElse(null));
  }

  private static BitSet all(int length) {
    BitSet all = new BitSet();
    all.set(0, length);
    return all;
  }

  /** How many tokens there are. */
  public int length() {
    return tokens.length;
  }

  /** A token. */
  public int token(int i) {
    return tokens[i];
  }

  /** A copy of all tokens. */
  public int[] tokens() {
    return tokens.clone();
  }

  /** How the tokens are written, if that is known. */
  public Optional<Writing> writing() {
    return writing;
  }

  /** Whether a token begins a word. */
  public boolean startsWord(int i) {
    return wordStarts.get(i);
  }

  /** Whether a token is a full stop or its like. */
  public boolean isStop(int i) {
    return stops.get(i);
  }

  /**
   * The sentences: tokens {@code [start, end)}. A sentence ends after a stop that follows none, and
   * the text ends the last one.
   */
  public List<Span> sentences() {
    List<Span> sentences = new ArrayList<>();
    int start = 0;
    for (int end = sentenceEnds.nextSetBit(0); end >= 0; end = sentenceEnds.nextSetBit(start)) {
      sentences.add(new Span(start, end + 1));
      start = end + 1;
    }
    return sentences;
  }

  /** Tokens {@code [start, end)} of a text. */
  public record Span(int start, int end) {
    /** How many tokens there are. */
    public int length() {
      return end - start;
    }
  }

  /** Refuses a text that is too short for an objective. */
  public void requireAtLeast(int least, String objective) {
    if (tokens.length < least) {
      throw new BadInputException(
          Format.text(
              "A text of %s is too short for %s, which needs at least %d: leave it out or join it"
                  + " with others",
              Format.count(tokens.length, "tokens"), objective, least));
    }
  }
}
