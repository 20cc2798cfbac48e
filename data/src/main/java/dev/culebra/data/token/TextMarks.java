package dev.culebra.data.token;

import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Which tokens of a vocabulary begin a word and which end a sentence, told by how they are written.
 *
 * <p>What tells where words begin is the tokenizer's own ({@link WordMarks}): word pieces continue
 * a word if they begin with {@code ##}, SentencePiece's pieces begin one with {@code ▁}, CLIP's end
 * one with {@code </w>}, tokens of byte-level BPE begin one if they begin with white space. White
 * space belongs to the word behind it, whatever number of tokens it takes. A sentence ends with a
 * token that ends with a full stop, an exclamation or a question mark, closing quotes and brackets
 * aside.
 */
public final class TextMarks {
  private static final Pattern STOP = Pattern.compile("(?s).*[.!?]['\"’”)\\]]*\\s*");

  private final BitSet begins = new BitSet();

  /** Tokens behind which a word begins. */
  private final BitSet closes = new BitSet();

  private final BitSet blank = new BitSet();
  private final BitSet stops = new BitSet();
  private final Text.Writing writing;

  private TextMarks(
      List<String> written, List<String> decoded, WordMarks marks, Text.Writing writing) {
    this.writing = writing;
    String mark = marks.mark();
    for (int id = 0; id < written.size(); id++) {
      String token = written.get(id);
      String text = decoded.get(id);
      stops.set(id, isStop(text));
      switch (marks.kind()) {
        case CONTINUATION -> begins.set(id, !token.startsWith(mark));
        case BEGINNING -> {
          begins.set(id, token.startsWith(mark));
          blank.set(id, token.replace(mark, "").isEmpty());
        }
        case ENDING -> closes.set(id, token.endsWith(mark));
        case EACH -> begins.set(id);
        case WHITE_SPACE -> {
          if (!text.isEmpty()) {
            begins.set(id, Character.isWhitespace(text.codePointAt(0)));
            blank.set(id, text.isBlank());
          }
        }
      }
    }
  }

  /** The marks of a tokenizer's vocabulary. */
  public static TextMarks of(Tokenizer tokenizer) {
    List<Integer> ids = IntStream.range(0, tokenizer.vocabularySize()).boxed().toList();
    return new TextMarks(
        ids.stream().map(tokenizer::token).toList(),
        ids.stream().map(id -> tokenizer.decode(new int[] {id})).toList(),
        tokenizer.traits().marks(),
        new Text.Writing() {
          @Override
          public String decode(int[] tokens) {
            return tokenizer.decode(tokens);
          }

          @Override
          public int[] encode(String text) {
            return tokenizer.encode(text);
          }
        });
  }

  /** Whether a piece of text ends a sentence. */
  public static boolean isStop(String text) {
    return STOP.matcher(text).matches();
  }

  /** A text with its words and sentences marked, and written as the tokenizer does. */
  public Text text(int[] tokens) {
    BitSet words = new BitSet();
    BitSet ends = new BitSet();
    for (int i = 0; i < tokens.length; i++) {
      boolean first = i == 0;
      words.set(
          i,
          (begins.get(tokens[i]) && (first || !blank.get(tokens[i - 1])))
              || (!first && closes.get(tokens[i - 1])));
      ends.set(i, stops.get(tokens[i]));
    }
    return Text.of(tokens, words, ends).written(writing);
  }
}
