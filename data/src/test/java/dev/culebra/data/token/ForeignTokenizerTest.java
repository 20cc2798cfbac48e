package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers of others with the files of their folders: honoured, or refused by name. */
class ForeignTokenizerTest {
  @TempDir Path folder;

  private static final String WORDS =
      """
      {"added_tokens": [%s], "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
       "post_processor": %s, "decoder": null,
       "model": {"type": "WordLevel", "unk_token": "<u>",
         "vocab": {"<u>": 0, "<b>": 1, "<e>": 2, "call": 3, "me": 4}}}
      """;

  private static String added(int id, String name) {
    return Format.text("{\"id\": %d, \"content\": \"%s\", \"special\": true}", id, name);
  }

  private Tokenizer load(String name, String json) throws IOException {
    return Tokenizers.load(Files.writeString(folder.resolve(name), json));
  }

  private Tokenizer words(String post) throws IOException {
    return load(
        "tokenizer.json", Format.text(WORDS, added(1, "<b>") + "," + added(2, "<e>"), post));
  }

  private void beside(String name, String json) throws IOException {
    Files.writeString(folder.resolve(name), json);
  }

  @Test
  void deepFilesNeverReachTheLibrary() {
    String deep = "[".repeat(200) + "]".repeat(200);
    for (String part : List.of("decoder", "normalizer", "pre_tokenizer", "post_processor", "x")) {
      String json =
          Format.text(
              "{\"%s\": {\"type\": \"Fuse\", \"a\": %s}, \"model\": {\"type\": \"WordLevel\","
                  + " \"vocab\": {\"a\": 0}}}",
              part, deep);
      assertThatThrownBy(() -> load("deep.json", json))
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll("deep.json", "not sound JSON", "depth");
    }
  }

  @Test
  void whatTheLibraryWouldCutInTwoNeverReachesIt() {
    String merges =
        """
        {"model": {"type": "BPE", "continuing_subword_prefix": "##", "merges": %s,
         "vocab": {"a": 0, "##b": 1, "ab": 2, "b": 3}}}
        """;
    for (String merge : List.of("[\"a b\"]", "[[\"a\", \"b\"]]")) {
      assertThatThrownBy(() -> load("merges.json", Format.text(merges, merge)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll("merges.json", "merge", "continuing_subword_prefix \"##\"");
    }
    String erased =
        """
        {"added_tokens": [{"id": 1, "content": "\\u0000", "normalized": true, "special": false}],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "lowercase": true,
           "handle_chinese_chars": true, "strip_accents": null},
         "model": {"type": "WordLevel", "unk_token": "a", "vocab": {"a": 0}}}
        """;
    assertThatThrownBy(() -> load("erased.json", erased))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("erased.json", "leaves nothing of the added token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`\"decoder\": {\"type\": \"WordPiece\", \"prefix\": \"##\", \"cleanup\": [1]}`~a decoder"
            + " WordPiece whose cleanup is [1]",
        "`\"decoder\": {\"type\": \"Nothing\"}`~the decoder is of type \"Nothing\"",
        "`\"decoder\": 7`~the decoder is without a type",
        "`\"pre_tokenizer\": {\"type\": \"FixedLength\", \"length\": 0}`~length is 0",
        "`\"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\":"
            + " \"Metaspace\", \"replacement\": \"ab\"}]}`~replacement is \"ab\"",
        "`\"normalizer\": {\"type\": \"Strip\"}`~strip_left is nothing",
        "`\"post_processor\": {\"type\": \"BertProcessing\", \"cls\": [\"a\", 0], \"sep\":"
            + " [\"b\", 1]}`~puts in \"b\" as id 1, but its vocabulary has no such token",
        "`\"post_processor\": {\"type\": \"BertProcessing\", \"cls\": [\"a\", 3], \"sep\":"
            + " [\"a\", 0]}`~puts in \"a\" as id 3, but its vocabulary gives it the id 0",
        "`\"added_tokens\": [{\"id\": 1, \"content\": \"\"}]`~no characters",
        "`\"added_tokens\": [{\"id\": 1, \"content\": \"b\", \"special\": 1}]`~special 1",
        "`\"added_tokens\": 5`~\"added_tokens\" that are no list"
      })
  void partsThatNobodyKnowsAreRefused(String part, String why) {
    String json =
        Format.text("{%s, \"model\": {\"type\": \"WordLevel\", \"vocab\": {\"a\": 0}}}", part);
    assertThatThrownBy(() -> load("odd.json", json))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("odd.json", why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`{\"type\": \"WordLevel\", \"unk_token\": \"[UNK]\", \"vocab\": {\"a\": 0}}`",
        "`{\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"continuing_subword_prefix\":"
            + " \"##\", \"max_input_chars_per_word\": 9, \"vocab\": {\"a\": 0}}`",
        "`{\"type\": \"Unigram\", \"unk_id\": null, \"vocab\": [[\"a\", -1.0]]}`"
      })
  void whatCannotBeEncodedIsASentence(String model) throws IOException {
    try (Tokenizer tokenizer = load("unknown.json", Format.text("{\"model\": %s}", model))) {
      assertThat(tokenizer.encode("a")).containsExactly(0);
      assertThatThrownBy(() -> tokenizer.encode("whale"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll("unknown.json", "cannot encode the text \"whale\"")
          .message()
          .doesNotContain("\n");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`null`~``~``",
        "`{\"type\": \"BertProcessing\", \"cls\": [\"<b>\", 1], \"sep\": [\"<e>\", 2]}`~1~2",
        "`{\"type\": \"RobertaProcessing\", \"cls\": [\"<b>\", 1], \"sep\": [\"<e>\","
            + " 2]}`~1~2",
        "`{\"type\": \"ByteLevel\", \"trim_offsets\": false}`~``~``",
        "`{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}},"
            + " {\"SpecialToken\": {\"id\": \"<e>\"}}], \"special_tokens\": {\"<e>\": {\"ids\":"
            + " [2], \"tokens\": [\"<e>\"]}}}`~``~2",
        "`{\"type\": \"Sequence\", \"processors\": [{\"type\": \"ByteLevel\"}, {\"type\":"
            + " \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<b>\"}},"
            + " {\"Sequence\": {\"id\": \"A\"}}], \"special_tokens\": {\"<b>\": {\"ids\":"
            + " [1], \"tokens\": [\"<b>\"]}}}]}`~1~``"
      })
  void templatesStandAroundATextOnce(String post, String begin, String end) throws IOException {
    try (Tokenizer tokenizer = words(post)) {
      String text = (begin + " 3 4 " + end).strip();
      int[] framed =
          text.isEmpty()
              ? new int[0]
              : java.util.Arrays.stream(text.split(" +")).mapToInt(Integer::parseInt).toArray();
      Template template = tokenizer.traits().template();
      assertThat(template.frame(tokenizer.encode("call me"))).isEqualTo(framed);
      assertThat(template.frame(framed)).isEqualTo(framed);
    }
  }

  @Test
  void templatesThatHoldATextTwiceAreRefused() {
    String twice =
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}},"
            + " {\"Sequence\": {\"id\": \"A\"}}], \"special_tokens\": {}}";
    assertThatThrownBy(() -> words(twice))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("does not hold that text once");
  }

  @Test
  void configsSayWhatEndsATextAndADocument() throws IOException {
    beside(
        "config.json", "{\"model_type\": \"gpt2\", \"bos_token_id\": 1, \"eos_token_id\": [2, 1]}");
    try (Tokenizer tokenizer = words("null")) {
      assertThat(tokenizer.endOfText()).isEqualTo(2);
      assertThat(tokenizer.traits().roles().eos()).containsExactly(2, 1);
      assertThat(tokenizer.traits().roles().bos()).isEqualTo(1);
      assertThat(tokenizer.traits().roles().pad()).isEqualTo(-1);
    }
    beside("generation_config.json", "{\"eos_token_id\": 0, \"decoder_start_token_id\": 4}");
    try (Tokenizer tokenizer = words("null")) {
      assertThat(tokenizer.endOfText()).isEqualTo(2);
      assertThat(tokenizer.traits().roles().eos()).containsExactly(0);
      assertThat(tokenizer.traits().roles().decoderStart()).isEqualTo(4);
    }
    beside("config.json", "{\"eos_token_id\": \"two\"}");
    assertThatThrownBy(() -> words("null"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll("config.json: eos_token_id must be a token id", "\"two\"");
  }

  @Test
  void idsOfNoTokenAreLeftOutAndTold() throws IOException {
    beside(
        "config.json", "{\"model_type\": \"gpt2\", \"eos_token_id\": 50256, \"pad_token_id\": -1}");
    beside("tokenizer_config.json", "{\"eos_token\": \"<e>\", \"pad_token\": \"<p>\"}");
    List<String> notes = new ArrayList<>();
    Notes.<Void, IOException>to(
        notes::add,
        () -> {
          try (Tokenizer tokenizer = words("null")) {
            assertThat(tokenizer.endOfText()).isEqualTo(2);
            assertThat(tokenizer.traits().roles().pad()).isEqualTo(-1);
          }
          return null;
        });
    assertThat(notes).hasSize(2);
    assertThat(notes.get(0)).contains("names the pad_token \"<p>\", which tokenizer.json lacks");
    assertThat(notes.get(1)).contains("eos_token_id 50256 is no id of the 5");
  }

  /** As in transformers: what tokenizer_config.json names is special, whatever else it is. */
  @Test
  void namedTokensAreSpecial() throws IOException {
    beside(
        "tokenizer_config.json",
        "{\"mask_token\": {\"content\": \"me\", \"lstrip\": true}, \"extra_special_tokens\":"
            + " [\"call\"]}");
    try (Tokenizer tokenizer = words("null")) {
      assertThat(tokenizer.encode("call me")).containsExactly(0, 0);
      assertThat(tokenizer.encodePrompt("call me")).containsExactly(3, 4);
      assertThat(tokenizer.traits().roles().mask()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "tokenizer_config.json~`{\"added_tokens_decoder\": {\"3\": {\"content\":"
            + " \"me\"}}}`~gives the added token \"me\" the id 3, but tokenizer.json gives it the"
            + " id 4",
        "tokenizer_config.json~`{\"added_tokens_decoder\": {\"5\": {\"content\":"
            + " \"x\"}}}`~gives the added token \"x\" the id 5, but tokenizer.json has no such"
            + " token",
        "added_tokens.json~`{\"me\": 7}`~gives the added token \"me\" the id 7",
        "tokenizer_config.json~`{\"do_lower_case\": true}`~do_lower_case is true, but",
        "tokenizer_config.json~`[]`~holds no object",
        "generation_config.json~`7`~holds no object"
      })
  void whatIsSaidTwiceAgrees(String name, String json, String why) throws IOException {
    beside(name, json);
    assertThatThrownBy(() -> words("null"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(name, why);
  }

  /** Texts that are too long for one call of the library lose nothing. */
  @Test
  void longTextsAreReadInParts() {
    assertThat(DjlTokenizer.parts("", 5)).containsExactly("");
    assertThat(DjlTokenizer.parts("call me\nnow", 9)).containsExactly("call me\n", "now");
    assertThat(DjlTokenizer.parts("call me now", 9)).containsExactly("call me", " now");
    assertThat(DjlTokenizer.parts("callmenow", 5)).containsExactly("callm", "enow");
    assertThat(DjlTokenizer.parts("abc\uD83D\uDC0Bd", 4)).containsExactly("abc", "\uD83D\uDC0Bd");
  }
}
