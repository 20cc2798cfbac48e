package dev.culebra.models.nn;

import dev.culebra.runtime.io.KeyTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What each key of a {@code generation_config.json} means here. A {@code config.json} of before
 * transformers 4.26 has the same keys, and they count where there is no such file.
 */
public final class GenerationKeys {

  /** Keys that must be neutral, or else are named: the value changes nothing here. */
  public static final Map<String, List<Object>> NEUTRAL = neutral();

  /** What each key of the file means. */
  public static final KeyTable KEYS =
      KeyTable.of("generation")
          .honoured("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
          .honoured("forced_bos_token_id", "forced_eos_token_id")
          .honoured("do_sample", "temperature", "top_k", "top_p", "min_p")
          .honoured("max_new_tokens", "max_length", "min_new_tokens", "min_length")
          .honoured("repetition_penalty", "no_repeat_ngram_size", "bad_words_ids")
          .honoured("suppress_tokens", "begin_suppress_tokens")
          .honoured(NEUTRAL.keySet().toArray(String[]::new))
          .ignored("early_stopping", "length_penalty", "num_return_sequences") // of beams
          .ignored("num_beam_groups", "diversity_penalty", "renormalize_logits")
          .ignored("use_cache", "cache_implementation", "cache_config", "max_cache_len")
          .ignored("low_memory", "prefill_chunk_size", "compile_config", "disable_compile")
          .ignored("continuous_batching_config", "remove_invalid_values", "use_mtp")
          .ignored("output_attentions", "output_hidden_states", "output_scores", "output_logits")
          .ignored("return_dict_in_generate", "return_legacy_cache")
          .ignored("is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule")
          .ignored("assistant_confidence_threshold", "assistant_early_exit")
          .ignored("assistant_lookbehind", "assistant_ensemble_weight", "target_lookbehind")
          .ignored("prompt_lookup_num_tokens", "max_matching_ngram_size", "speculation_type")
          .ignored("_from_model_config", "transformers_version", "generation_kwargs");

  private GenerationKeys() {}

  /** The keys that say how texts are written, but for those of token ids. */
  public static Stream<String> ofDrawing() {
    return KEYS.keys().values().stream()
        .filter(key -> key.use() == KeyTable.Use.HONOURED)
        .map(KeyTable.Key::name)
        .filter(name -> !name.endsWith("_token_id"));
  }

  private static Map<String, List<Object>> neutral() {
    Map<String, List<Object>> keys = new LinkedHashMap<>();
    keys.put("num_beams", List.of(1));
    keys.put("typical_p", List.of(1.0));
    keys.put("epsilon_cutoff", List.of(0.0));
    keys.put("eta_cutoff", List.of(0.0));
    keys.put("top_h", List.of());
    keys.put("penalty_alpha", List.of(0.0));
    keys.put("encoder_repetition_penalty", List.of(1.0));
    keys.put("encoder_no_repeat_ngram_size", List.of(0));
    keys.put("guidance_scale", List.of(1.0));
    keys.put("exponential_decay_length_penalty", List.of());
    keys.put("sequence_bias", List.of());
    keys.put("token_healing", List.of(false));
    keys.put("watermarking_config", List.of());
    keys.put("stop_strings", List.of());
    keys.put("constraints", List.of());
    keys.put("force_words_ids", List.of());
    keys.put("dola_layers", List.of());
    keys.put("max_time", List.of());
    return keys;
  }
}
