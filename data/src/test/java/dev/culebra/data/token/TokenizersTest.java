package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizersTest {
  @TempDir Path folder;

  private static final String WORD_PIECE =
      """
      {"added_tokens": [
         {"id": 0, "content": "[UNK]", "special": true, %s},
         {"id": 1, "content": "[SEP]", "special": true, %s}],
       "normalizer": {"type": "Lowercase"},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": false},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100,
         "vocab": {"[UNK]": 0, "[SEP]": 1, "wh": 2, "##ale": 3, "s": 4, "[": 5, "]": 6, "sep": 7}}}
      """
          .replace(
              "%s",
              "\"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\":"
                  + " false");

  private static String ours() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("the whale, the white whale, the whale");
    return new String(trainer.train(262).toJson(), StandardCharsets.UTF_8);
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("tokenizer.json"), json);
  }

  private void assertRefused(Path path, String... parts) {
    assertThatThrownBy(() -> Tokenizers.load(path))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void loadsAFolderOrAFile() throws IOException {
    Path file = write(ours());
    try (Tokenizer one = Tokenizers.load(file);
        Tokenizer other = Tokenizers.load(folder)) {
      assertThat(one).hasToString(other.toString()).isInstanceOf(ByteLevelBpe.class);
    }
  }

  @Test
  void readsMergesAsListsToo() throws IOException {
    String json = ours();
    int merges = json.indexOf("\"merges\"");
    String lists =
        json.substring(0, merges)
            + json.substring(merges).replaceAll("\"(\\S+) (\\S+)\"", "[\"$1\", \"$2\"]");
    assertThat(lists).contains("[\"h\", \"e\"]").isNotEqualTo(json);
    try (Tokenizer tokenizer = Tokenizers.load(write(lists))) {
      assertThat(((ByteLevelBpe) tokenizer).toJson()).asString().isEqualTo(json);
    }
  }

  @Test
  void loadsOtherModelsThroughTheNativeLibrary() throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(write(WORD_PIECE))) {
      assertThat(tokenizer)
          .hasToString("8 tokens, through Hugging Face's native library (its model is WordPiece)");
      assertThat(tokenizer.encode("Whale S zzz")).containsExactly(2, 3, 4, 0);
      assertThat(tokenizer.decode(new int[] {2, 3, 1})).isEqualTo("whale [SEP]");
      assertThat(tokenizer.encode("[SEP]")).containsExactly(5, 7, 6);
      assertThat(tokenizer.endOfText()).isEqualTo(1);
      assertThat(tokenizer.token(3)).isEqualTo("##ale");
    }
  }

  @Test
  void saysWhenNothingEndsADocument() throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(write(WORD_PIECE.replace("[SEP]", "[DOT]")))) {
      assertThatThrownBy(tokenizer::endOfText)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("no token that ends a document (looked for <|endoftext|>,");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`\"add_prefix_space\": false`~`\"add_prefix_space\": true`~its pre_tokenizer is not"
            + " GPT-2's",
        "`\"normalizer\": null`~`\"normalizer\": {\"type\": \"NFC\"}`~it has a normalizer",
        "`\"ignore_merges\": false`~`\"ignore_merges\": true`~option ignore_merges",
        "`\"dropout\": null`~`\"dropout\": 0.1`~option dropout",
        "`\"special\": true`~`\"special\": false`~added tokens that are not special"
      })
  void leavesWhatItDoesNotDoToTheNativeLibrary(String from, String to, String why)
      throws IOException {
    assertThat(ours()).contains(from);
    try (Tokenizer tokenizer = Tokenizers.load(write(ours().replace(from, to)))) {
      assertThat(tokenizer).isInstanceOf(DjlTokenizer.class);
      assertThat(tokenizer.toString()).contains(why);
      assertThat(tokenizer.decode(tokenizer.encode("a whale"))).contains("a whale");
    }
  }

  @Test
  void refusesWhatIsNotThere() {
    assertRefused(folder.resolve("none.json"), "none.json", "there is no such file");
    assertRefused(folder, "tokenizer.json", "there is no such file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "``~is not a JSON object",
        "`[1, 2]`~is not a JSON object",
        "`{\"a\": `~is not sound JSON at line 1, column 7",
        "`whale`~is not sound JSON at line 1",
        "`{}`~has no \"model\"",
        "`{\"model\": {}}`~has a \"model\" without \"vocab\"",
        "`{\"model\": {\"vocab\": {}}}`~has an empty vocabulary",
        "`{\"model\": {\"vocab\": {\"a\": \"b\"}}}`~gives token \"a\" the id \"b\"",
        "`{\"model\": {\"vocab\": {\"a\": -1}}}`~gives token \"a\" the id -1",
        "`{\"model\": {\"vocab\": {\"a\": 0.5}}}`~gives token \"a\" the id 0.5",
        "`{\"model\": {\"vocab\": {\"a\": 99999999999}}}`~gives token \"a\" the id 99999999999",
        "`{\"model\": {\"vocab\": {\"a\": 0, \"b\": 2000000000}}}`~has 2 tokens but gives \"b\" the"
            + " id 2000000000",
        "`{\"model\": {\"vocab\": {\"a\": 0, \"b\": 0}}}`~gives \"a\" and \"b\" the same id 0",
        "`{\"model\": {\"vocab\": {\"a\": 0, \"a\": 1}}}`~is not sound JSON",
        "`{\"model\": {\"vocab\": [[\"a\", 0.0], [\"a\", 0.0]]}}`~entry 1 is no new token",
        "`{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 1}]}`~an added token"
            + " without \"content\"",
        "`{\"model\": {\"vocab\": {\"a\": 0}}, \"added_tokens\": [{\"id\": 1, \"content\":"
            + " \"a\"}]}`~gives token \"a\" the ids 0 and 1",
        "`{\"model\": {\"type\": \"Whale\", \"vocab\": {\"a\": 0}}}`~the model is of type"
            + " \"Whale\", which is not supported; BPE, Unigram"
      })
  void refusesWhatIsNotATokenizer(String json, String why) throws IOException {
    Path file = write(json == null ? "" : json);
    assertRefused(file, file.toString(), why);
  }

  @Test
  void refusesMergesOfUnknownTokens() throws IOException {
    String json = ours();
    assertThat(json).contains("\"h e\"");
    assertRefused(
        write(json.replace("\"h e\"", "\"h zz\"")), "merge 3, \"h zz\", but no token \"zz\"");
    assertRefused(
        write(json.replace("\"h e\"", "\"e h\"")), "merge 3, \"e h\", but no token \"eh\"");
    assertRefused(write(json.replace("\"h e\"", "\"he\"")), "merge 3, \"he\", which is no pair");
    assertRefused(write(json.replace("\"h e\"", "7")), "merge 3, 7, which is no pair");
    assertRefused(
        write(json.replace("\"h e\"", "\"h e\",\n\"h e\"")), "has merge 4, \"h e\", twice");
    assertRefused(
        write(json.replace("\"merges\"", "\"fusions\"")),
        "has a model BPE whose merges is nothing");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    byte[] json = ours().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("cut.json");
    for (int length = 0; length < json.length - 1; length += 1 + length / 50) {
      Files.write(file, Arrays.copyOf(json, length));
      assertRefused(file, "cut.json");
    }
  }

  @Test
  void neverFailsOtherwiseOnDamage() throws IOException {
    byte[] json = ours().getBytes(StandardCharsets.UTF_8);
    Path file = folder.resolve("damaged.json");
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = json.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(file, damaged);
      try (Tokenizer tokenizer = Tokenizers.load(file)) {
        assertThat(tokenizer.encode("the whale")).as("seed %d, case %d", seed, i).isNotNull();
      } catch (BadInputException e) {
        assertThat(e).as("seed %d, case %d", seed, i).hasMessageContaining("damaged.json");
      }
    }
  }
}
