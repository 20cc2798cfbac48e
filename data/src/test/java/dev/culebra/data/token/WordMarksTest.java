package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.token.WordMarks.Kind;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tokenizer's parts say how its tokens tell words apart. */
class WordMarksTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`{\"type\": \"WordPiece\"}`~`null`~`null`~CONTINUATION~##",
        "`{\"type\": \"WordPiece\", \"continuing_subword_prefix\":"
            + " \"@@\"}`~`null`~`null`~CONTINUATION~@@",
        "`{\"type\": \"WordLevel\"}`~`{\"type\": \"Metaspace\", \"replacement\":"
            + " \"▁\"}`~`null`~EACH~``",
        "`{\"type\": \"BPE\", \"end_of_word_suffix\": \"</w>\"}`~`{\"type\":"
            + " \"ByteLevel\"}`~`null`~ENDING~</w>",
        "`{\"type\": \"BPE\", \"continuing_subword_prefix\": \"##\"}`~`{\"type\":"
            + " \"Whitespace\"}`~`null`~CONTINUATION~##",
        "`{\"type\": \"BPE\"}`~`{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\"},"
            + " {\"type\": \"ByteLevel\"}]}`~`null`~WHITE_SPACE~``",
        "`{\"type\": \"BPE\"}`~`null`~`{\"type\": \"Sequence\", \"normalizers\": [{\"type\":"
            + " \"Prepend\", \"prepend\": \"▁\"}, {\"type\": \"Replace\", \"pattern\": {\"String\":"
            + " \" \"}, \"content\": \"▁\"}]}`~BEGINNING~▁",
        "`{\"type\": \"Unigram\"}`~`{\"type\": \"Metaspace\", \"replacement\":"
            + " \"_\"}`~`null`~BEGINNING~_",
        "`{\"type\": \"Unigram\"}`~`null`~`null`~WHITE_SPACE~``",
        "`{\"type\": \"Unigram\"}`~`{\"type\": \"WhitespaceSplit\"}`~`null`~EACH~``"
      })
  void kindsAreToldByTheParts(String model, String pre, String normalizer, Kind kind, String mark) {
    String json =
        Format.text(
            "{\"model\": %s, \"pre_tokenizer\": %s, \"normalizer\": %s}", model, pre, normalizer);
    assertThat(WordMarks.of(Json.MAPPER.readTree(json))).isEqualTo(new WordMarks(kind, mark));
  }
}
