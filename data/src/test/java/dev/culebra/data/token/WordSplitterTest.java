package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class WordSplitterTest {
  /** GPT-2's expression; the flag gives {@code \s} Unicode's meaning. */
  private static final Pattern GPT2 =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static List<String> split(String text) {
    char[] chars = text.toCharArray();
    List<String> words = new ArrayList<>();
    for (int from = 0; from < chars.length; ) {
      int end = WordSplitter.end(chars, from, chars.length);
      words.add(text.substring(from, end));
      from = end;
    }
    return words;
  }

  private static List<String> match(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = GPT2.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }

  @Property(tries = 5000)
  void cutsAsTheExpressionDoes(@ForAll(supplier = UnicodeText.class) String text) {
    assertThat(split(text)).isEqualTo(match(text));
  }

  @Test
  void classifiesEveryCharacterAsTheExpressionDoes() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String each = Character.toString(c);
      String text = "a" + each + "1" + each + "!" + each;
      if (!split(text).equals(match(text))) {
        assertThat(split(text)).as("U+%04X", c).isEqualTo(match(text));
      }
    }
  }

  @Test
  void leavesTheLastSpaceToTheWord() {
    assertThat(split("I'll  go\n\n now "))
        .containsExactly("I", "'ll", " ", " go", "\n\n", " now", " ");
  }
}
