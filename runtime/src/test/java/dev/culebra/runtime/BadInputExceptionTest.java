package dev.culebra.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a complaint quotes comes from outside, and cannot leave its line. */
final class BadInputExceptionTest {

  @Test
  void whatMovesTheCursorIsShown() {
    assertThat(new BadInputException("no \u001b[31m'a\tb\r\nc'\u0000\u2028\ud800.").getMessage())
        .isEqualTo("no \\u001b[31m'a\\tb\\r\\nc'\\u0000\\u2028\\ud800.");
  }

  @Test
  void whatTurnsTheDirectionOfWritingIsShown() {
    assertThat(new BadInputException("no '\u202e'.").getMessage()).isEqualTo("no '\\u202e'.");
  }

  @Test
  void lettersOfAllScriptsStay() {
    String sentence = "Kein „Schlüssel“ 鍵 مفتاح \uD83D\uDE00.";
    assertThat(new BadInputException(sentence).getMessage()).isEqualTo(sentence);
  }

  @Test
  void theMiddleOfALongOneIsLeftOut() {
    String sentence = "file.json: key 'a' is " + "9".repeat(100_000) + ": write a number.";
    assertThat(new BadInputException(sentence, null).getMessage())
        .startsWith("file.json: key 'a' is 999")
        .contains("9 ... 9")
        .endsWith("9: write a number.")
        .hasSizeLessThan(1100);
  }
}
