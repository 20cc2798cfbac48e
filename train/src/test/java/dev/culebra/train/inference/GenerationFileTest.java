package dev.culebra.train.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.nn.GenerationKeys;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a {@code generation_config.json} says is followed, or named. */
final class GenerationFileTest {

  /** All keys of transformers 5.18: {@code GenerationConfig().to_dict()}. */
  private static final String WRITTEN =
      "max_length max_new_tokens min_length min_new_tokens early_stopping max_time stop_strings"
          + " do_sample num_beams use_mtp use_cache cache_implementation cache_config max_cache_len"
          + " temperature top_k top_p min_p top_h typical_p epsilon_cutoff eta_cutoff"
          + " repetition_penalty encoder_repetition_penalty length_penalty no_repeat_ngram_size"
          + " bad_words_ids renormalize_logits forced_bos_token_id forced_eos_token_id"
          + " remove_invalid_values exponential_decay_length_penalty suppress_tokens"
          + " begin_suppress_tokens sequence_bias token_healing guidance_scale watermarking_config"
          + " num_return_sequences output_attentions output_hidden_states output_scores"
          + " output_logits return_dict_in_generate pad_token_id bos_token_id eos_token_id"
          + " encoder_no_repeat_ngram_size decoder_start_token_id is_assistant"
          + " num_assistant_tokens num_assistant_tokens_schedule assistant_confidence_threshold"
          + " prompt_lookup_num_tokens max_matching_ngram_size assistant_early_exit"
          + " assistant_lookbehind target_lookbehind assistant_ensemble_weight speculation_type"
          + " compile_config disable_compile continuous_batching_config low_memory penalty_alpha"
          + " dola_layers diversity_penalty num_beam_groups constraints force_words_ids"
          + " prefill_chunk_size _from_model_config transformers_version";

  @TempDir Path folder;

  private GenerationFile read(String json) throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), json.replace('\'', '"'));
    return GenerationFile.read(folder, 100);
  }

  private List<String> notes(String json) throws IOException {
    List<String> notes = new ArrayList<>();
    Notes.to(notes::add, () -> read(json));
    return notes;
  }

  @Test
  void knowsEveryKeyThatIsWritten() {
    assertThat(GenerationKeys.KEYS.keys()).containsKeys(WRITTEN.split(" "));
  }

  @Test
  void whatNobodyAsksForIsAsTheFileSays() throws IOException {
    GenerationFile file =
        read("{'do_sample': true, 'top_k': 7, 'top_p': 0.9, 'max_new_tokens': 5}");
    assertThat(file.asked().over(GenerationOptions.DEFAULT))
        .isEqualTo(new GenerationOptions(5, 1, 7, 0.9, 1));
    GenerationOptions.Asked user = new GenerationOptions.Asked(3, 0.5, null, null);
    assertThat(user.or(file.asked()).over(GenerationOptions.DEFAULT))
        .isEqualTo(new GenerationOptions(3, 0.5, 7, 0.9, 1));
    assertThat(read("{'do_sample': false, 'temperature': 0.7}").asked().temperature()).isZero();
    assertThat(read("{}").asked()).isEqualTo(GenerationOptions.Asked.NOTHING);
  }

  @Test
  void namesWhatIsNotFollowed() throws IOException {
    assertThat(notes("{'num_beams': 4, 'typical_p': 1.0, 'guidance_scale': null}"))
        .hasSize(1)
        .allMatch(note -> note.contains("num_beams 4 is not followed"));
    assertThat(notes("{'stop_strings': ['x'], 'my_key': 1}"))
        .hasSize(2)
        .anyMatch(note -> note.contains("stop_strings [\"x\"] is not followed"))
        .anyMatch(note -> note.contains("my_key"));
    assertThat(notes("{'use_cache': true, 'transformers_version': '5'}")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "suppress_tokens | [3, 100]",
        "bad_words_ids | [[1], [-1]]",
        "forced_eos_token_id | true",
        "repetition_penalty | 0",
        "top_p | 1.5",
        "max_new_tokens | 1.5",
        "do_sample | 1"
      })
  void refusesByNameWhatIsNoValue(String key, String value) {
    assertThatThrownBy(() -> read("{'" + key + "': " + value + "}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(key)
        .hasMessageContaining("generation_config.json");
  }

  @Test
  void olderFoldersSayItInTheirConfiguration() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{\"no_repeat_ngram_size\": 3}");
    assertThat(GenerationFile.read(folder, 100).rules().ngram()).isEqualTo(3);
  }

  /** As transformers has it: the keys of config.json count where there is no other file. */
  @Test
  void theConfigurationCountsOnlyWithoutTheFile() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "gpt2", "max_length": 40, "do_sample": true, "temperature": 0.7, "top_k": 5,
         "top_p": 0.9, "repetition_penalty": 1.2}
        """);
    GenerationFile alone = GenerationFile.read(folder, 100);
    assertThat(alone.longest()).isEqualTo(40);
    assertThat(alone.asked()).isEqualTo(new GenerationOptions.Asked(null, 0.7, 5, 0.9));
    assertThat(alone.rules().repetition()).isEqualTo(1.2);

    Files.writeString(
        folder.resolve("generation_config.json"), "{\"max_length\": 30, \"temperature\": 0.7}");
    List<String> notes = new ArrayList<>();
    GenerationFile beside = Notes.to(notes::add, () -> GenerationFile.read(folder, 100));
    assertThat(beside.longest()).isEqualTo(30);
    assertThat(beside.asked()).isEqualTo(new GenerationOptions.Asked(null, 0.7, null, null));
    assertThat(beside.rules()).isEqualTo(WritingRules.NONE);
    assertThat(notes)
        .singleElement()
        .asString()
        .contains("config.json says")
        .contains("do_sample, top_k, top_p, max_length, repetition_penalty");
  }

  private static List<Integer> allowed(WritingRules rules, int[] before, int[] written, int most) {
    float[] logits = new float[6];
    rules.apply(logits, before, written, written.length, most, List.of(0));
    List<Integer> allowed = new ArrayList<>();
    for (int id = 0; id < logits.length; id++) {
      if (logits[id] > Float.NEGATIVE_INFINITY) {
        allowed.add(id);
      }
    }
    return allowed;
  }

  @Test
  void rulesForbidTokens() throws IOException {
    int[] before = {1, 2, 3};
    WritingRules ngram = read("{'no_repeat_ngram_size': 2}").rules();
    assertThat(allowed(ngram, before, new int[] {4, 2}, 9)).containsExactly(0, 1, 2, 4, 5);
    WritingRules words = read("{'bad_words_ids': [[5], [2, 3], [9, 9, 9, 9, 9]]}").rules();
    assertThat(allowed(words, before, new int[] {2}, 9)).containsExactly(0, 1, 2, 4);
    assertThat(allowed(words, before, new int[] {4}, 9)).containsExactly(0, 1, 2, 3, 4);
    WritingRules first = read("{'suppress_tokens': [1], 'begin_suppress_tokens': [2]}").rules();
    assertThat(allowed(first, before, new int[0], 9)).containsExactly(0, 3, 4, 5);
    assertThat(allowed(first, before, new int[] {4}, 9)).containsExactly(0, 2, 3, 4, 5);
    WritingRules ended = read("{'min_new_tokens': 2, 'forced_eos_token_id': 5}").rules();
    assertThat(allowed(ended, before, new int[] {4}, 4)).containsExactly(1, 2, 3, 4, 5);
    assertThat(allowed(ended, before, new int[] {4, 4}, 4)).hasSize(6);
    assertThat(allowed(ended, before, new int[] {4, 4, 4}, 4)).containsExactly(5);
    WritingRules total = read("{'min_length': 5}").rules();
    assertThat(allowed(total, before, new int[] {4}, 9)).doesNotContain(0);
    assertThat(allowed(total, before, new int[] {4, 4}, 9)).contains(0);
  }

  @Test
  void repetitionIsPenalisedOnce() throws IOException {
    float[] logits = {2, 2, -2, 0, 1, -1};
    read("{'repetition_penalty': 2.0}")
        .rules()
        .apply(logits, new int[] {1, 1, 2}, new int[] {5, 7}, 1, 9, List.of());
    assertThat(logits).containsExactly(2, 1, -4, 0, 1, -2);
  }

  @Test
  void minPLeavesOutWhatIsFarLessProbable() {
    float[] logits = {0, (float) Math.log(0.5), (float) Math.log(0.09), -1};
    Sampler sampler = new Sampler(new GenerationOptions(1, 1, 0, 1, 3), 0.4);
    List<Integer> drawn = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      drawn.add(sampler.draw(logits));
    }
    assertThat(drawn).contains(0, 1).doesNotContain(2, 3);
  }
}
