package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files beside a tokenizer say of its tokens is read, or named. */
final class FolderTokensTest {

  /** The keys that transformers 5.18 and 4.40 write for the families, those of tokens left out. */
  private static final String WRITTEN =
      "add_prefix_space backend clean_up_tokenization_spaces do_lower_case errors extra_ids"
          + " extra_special_tokens is_local local_files_only model_max_length strip_accents"
          + " tokenize_chinese_chars tokenizer_class trim_offsets use_default_system_prompt"
          + " add_bos_token add_eos_token added_tokens_decoder additional_special_tokens"
          + " chat_template legacy sp_model_kwargs spaces_between_special_tokens padding_side"
          + " truncation_side model_input_names name_or_path special_tokens_map_file"
          + " do_basic_tokenize never_split max_length stride truncation_strategy"
          + " pad_to_multiple_of pad_token_type_id processor_class split_special_tokens";

  @TempDir Path folder;
  private int size;

  @BeforeEach
  void tokenizer() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("some text");
    try (var bare = trainer.train(258)) {
      bare.save(file);
    }
    Tokenizers.addSpecials(file, List.of("<a>", "<b>"), Set.of());
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      size = tokenizer.vocabularySize();
    }
  }

  private void file(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content.replace('\'', '"'));
  }

  private TokenRoles roles(List<String> notes) {
    return Notes.to(
        notes::add,
        () -> {
          try (Tokenizer tokenizer = Tokenizers.load(folder)) {
            return tokenizer.traits().roles();
          }
        });
  }

  @Test
  void knowsEveryKeyThatIsWritten() {
    assertThat(TokenizerConfigKeys.KEYS.keys()).containsKeys(WRITTEN.split(" "));
  }

  @Test
  void namesWhatChangesNothing() throws IOException {
    file(
        "tokenizer_config.json",
        "{'tokenizer_class': 'X', 'truncation_side': 'left', 'padding_side': 'left', 'odd': 1}");
    List<String> notes = new ArrayList<>();
    roles(notes);
    assertThat(notes)
        .hasSize(2)
        .anyMatch(note -> note.contains("truncation_side \"left\" is not followed"))
        .anyMatch(note -> note.contains("odd"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"})
  void idsOutsideTheVocabularyAreRefused(String key) throws IOException {
    for (String name : List.of("config.json", "generation_config.json")) {
      file(name, "{'" + key + "': [1, " + size + "]}");
      assertThatThrownBy(() -> roles(new ArrayList<>()))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(name + ": " + key + " " + size + " is no token id");
      Files.delete(folder.resolve(name));
    }
    file("config.json", "{'vocab_size': 1000, '" + key + "': " + size + "}");
    List<String> notes = new ArrayList<>();
    assertThat(roles(notes).known()).as("the model has more ids than the tokenizer").isFalse();
    assertThat(notes).hasSize(1);
    file("config.json", "{'" + key + "': -1}");
    assertThat(roles(new ArrayList<>()).known()).as("-1 is none").isFalse();
  }

  @Test
  void whereFilesDisagreeItIsSaidWhichOneCounts() throws IOException {
    file("config.json", "{'eos_token_id': 5, 'bos_token_id': 3}");
    file("generation_config.json", "{'eos_token_id': [6, 7], 'bos_token_id': 4}");
    file("tokenizer_config.json", "{'eos_token': '<b>'}");
    List<String> notes = new ArrayList<>();
    TokenRoles roles = roles(notes);
    assertThat(roles.documentEnd()).isEqualTo(5);
    assertThat(roles.eos()).containsExactly(6, 7);
    assertThat(roles.bos()).isEqualTo(4);
    assertThat(notes).hasSize(3).allMatch(note -> note.contains("s_token"));
    file("generation_config.json", "{'eos_token_id': [5, " + (size - 1) + "], 'bos_token_id': 3}");
    notes.clear();
    roles(notes);
    assertThat(notes).hasSize(1).allMatch(note -> note.contains("the first ends documents"));
  }
}
