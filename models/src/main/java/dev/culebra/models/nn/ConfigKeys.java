package dev.culebra.models.nn;

import dev.culebra.runtime.io.KeyTable;
import java.util.Map;

/**
 * What each key of a {@code config.json} means here, by family: the keys that transformers and
 * diffusers write, those of older releases, and our own.
 */
public final class ConfigKeys {

  /** GPT-2. */
  public static final KeyTable GPT2 =
      transformers("gpt2")
          .honoured("vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_inner")
          .honoured("layer_norm_epsilon")
          .only("activation_function", "gelu_new", Activations.GELU_TANH)
          .only("scale_attn_weights", true, true)
          .only("scale_attn_by_inverse_layer_idx", false, false)
          .only("tie_word_embeddings", true, true)
          .only("is_encoder_decoder", false, false)
          .ignored("resid_pdrop", "embd_pdrop", "attn_pdrop", "initializer_range")
          .ignored("reorder_and_upcast_attn") // only of half precision
          .ignored("n_ctx") // an old name that nothing reads
          .ignored("summary_type", "summary_use_proj", "summary_activation")
          .ignored("summary_proj_to_labels", "summary_first_dropout");

  /** Llama. */
  public static final KeyTable LLAMA =
      transformers("llama")
          .honoured("vocab_size", "max_position_embeddings", "hidden_size", "num_hidden_layers")
          .honoured("num_attention_heads", "num_key_value_heads", "head_dim", "intermediate_size")
          .honoured("rms_norm_eps", "rope_theta", "rope_parameters", "rope_scaling")
          .honoured("original_max_position_embeddings") // goes before that of the positions
          .honoured("tie_word_embeddings")
          .only("hidden_act", "silu", "silu", "swish")
          .only("attention_bias", false, false)
          .only("mlp_bias", false, false)
          .only("sliding_window", null, null, false, 0)
          .only("use_sliding_window", null, null, false)
          .only("layer_types", null, (Object) null)
          .only("partial_rotary_factor", null, null, 1.0)
          .only("is_encoder_decoder", false, false)
          .ignored("attention_dropout", "initializer_range")
          .ignored("pretraining_tp") // the same product in slices
          .ignored("max_sequence_length", "rope_interleaved");

  /** The positions of Llama: {@code rope_parameters} and, before, {@code rope_scaling}. */
  public static final KeyTable ROPE =
      KeyTable.of("rotary positions of llama")
          .honoured("rope_theta", "rope_type", "type", "factor", "low_freq_factor")
          .honoured("high_freq_factor", "original_max_position_embeddings")
          .only("partial_rotary_factor", null, null, 1.0);

  /** BERT, alone or as one of two encoders of texts. */
  public static final KeyTable BERT =
      encoder("bert")
          .honoured("dual_encoder", "logit_scale_init_value", "logit_bias_init_value")
          .honoured("pooling", "max_seq_length"); // of two encoders, which have no modules

  /** ELECTRA: its discriminator and its generator. */
  public static final KeyTable ELECTRA =
      encoder("electra")
          .honoured("embedding_size")
          .ignored("summary_type", "summary_use_proj", "summary_activation", "summary_last_dropout")
          .ignored("generator_size", "generator_layers");

  /** T5. */
  public static final KeyTable T5 =
      transformers("t5")
          .honoured("vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers")
          .honoured("num_heads", "layer_norm_epsilon", "n_positions")
          .honoured("relative_attention_num_buckets", "relative_attention_max_distance")
          .honoured("tie_word_embeddings", "scale_decoder_outputs", "decoder_start_token_id")
          .honoured("feed_forward_proj")
          .only("is_encoder_decoder", true, true)
          .ignored("dense_act_fn", "is_gated_act") // follow from feed_forward_proj
          .ignored("dropout_rate", "initializer_factor", "classifier_dropout")
          .ignored("output_past"); // of old releases

  /** BART. */
  public static final KeyTable BART =
      transformers("bart")
          .honoured("vocab_size", "d_model", "max_position_embeddings", "activation_function")
          .honoured("encoder_layers", "encoder_attention_heads", "encoder_ffn_dim")
          .honoured("decoder_layers", "decoder_attention_heads", "decoder_ffn_dim")
          .honoured("decoder_start_token_id", "tie_word_embeddings")
          .only("scale_embedding", false, false)
          .only("normalize_before", false, false) // of releases before 4
          .only("add_final_layer_norm", false, false)
          .only("normalize_embedding", true, true)
          .only("static_position_embeddings", false, false)
          .only("add_bias_logits", false, false)
          .only("extra_pos_embeddings", 2, 2)
          .only("is_encoder_decoder", true, true)
          .ignored("encoder_layerdrop", "decoder_layerdrop", "dropout", "attention_dropout")
          .ignored("activation_dropout", "classifier_dropout", "classif_dropout", "init_std")
          .ignored("num_hidden_layers", "output_past", "save_step")
          .ignored("force_bos_token_to_be_generated");

  /** CLIP, its own blocks for captions and SigLIP's bias included. */
  public static final KeyTable CLIP =
      transformers("clip")
          .honoured("text_config", "vision_config", "projection_dim")
          .honoured("logit_scale_init_value", "logit_bias_init_value", "caption_num_hidden_layers")
          .only("text_config_dict", null, (Object) null)
          .only("vision_config_dict", null, (Object) null)
          .only("is_encoder_decoder", false, false)
          .ignored("initializer_factor");

  /** The texts of CLIP. */
  public static final KeyTable CLIP_TEXT =
      tower("texts of clip").honoured("vocab_size", "max_position_embeddings");

  /** The images of CLIP. */
  public static final KeyTable CLIP_VISION =
      tower("images of clip").honoured("image_size", "patch_size", "num_channels");

  /** A ViT beside a BERT. */
  public static final KeyTable VIT_BERT =
      transformers("vision-text-dual-encoder")
          .honoured("text_config", "vision_config", "projection_dim")
          .honoured("logit_scale_init_value", "logit_bias_init_value")
          .only("is_encoder_decoder", false, false);

  /** A ViT. */
  public static final KeyTable VIT =
      transformers("vit")
          .honoured("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
          .honoured("hidden_act", "layer_norm_eps", "image_size", "patch_size", "num_channels")
          .honoured("pooler_output_size")
          .only("pooler_act", "tanh", "tanh")
          .only("qkv_bias", true, true)
          .only("is_encoder_decoder", false, false)
          .ignored("hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range")
          .ignored("encoder_stride"); // of a head that paints masked patches

  /** A DiT of diffusers. */
  public static final KeyTable DIT =
      KeyTable.of("DiTTransformer2DModel")
          .honoured("_class_name", "sample_size", "patch_size", "in_channels", "out_channels")
          .honoured("num_layers", "num_attention_heads", "attention_head_dim")
          .honoured("num_embeds_ada_norm", "norm_eps")
          .only("activation_fn", "gelu-approximate", "gelu-approximate")
          .only("norm_type", "ada_norm_zero", "ada_norm_zero")
          .only("norm_elementwise_affine", false, false)
          .only("attention_bias", true, true)
          .ignored("dropout", "upcast_attention", "norm_num_groups")
          .ignored("num_train_timesteps") // written here once; scheduler_config.json counts
          .ignored("_diffusers_version", "_name_or_path");

  private ConfigKeys() {}

  /** The tables by the names of transformers' and diffusers' model types. */
  static Map<String, KeyTable> byType() {
    return Map.ofEntries(
        Map.entry("gpt2", GPT2),
        Map.entry("llama", LLAMA),
        Map.entry("bert", BERT),
        Map.entry("electra", ELECTRA),
        Map.entry("t5", T5),
        Map.entry("bart", BART),
        Map.entry("clip", CLIP),
        Map.entry("clip_text_model", CLIP_TEXT),
        Map.entry("clip_vision_model", CLIP_VISION),
        Map.entry("vit", VIT),
        Map.entry("vision-text-dual-encoder", VIT_BERT),
        Map.entry("DiTTransformer2DModel", DIT));
  }

  private static KeyTable encoder(String kind) {
    return transformers(kind)
        .honoured("vocab_size", "max_position_embeddings", "hidden_size", "num_hidden_layers")
        .honoured("num_attention_heads", "intermediate_size", "hidden_act", "layer_norm_eps")
        .only("type_vocab_size", 2, 2)
        .only("position_embedding_type", "absolute", "absolute")
        .only("tie_word_embeddings", true, true)
        .only("is_encoder_decoder", false, false)
        .ignored("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
        .ignored("initializer_range", "directionality")
        .ignored("pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers")
        .ignored("pooler_size_per_head", "pooler_type"); // of classifiers, read by nobody
  }

  private static KeyTable tower(String kind) {
    return transformers(kind)
        .honoured("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size")
        .honoured("hidden_act", "layer_norm_eps")
        .only("is_encoder_decoder", false, false)
        .ignored("projection_dim") // that of the whole counts
        .ignored("attention_dropout", "initializer_range", "initializer_factor")
        .ignored("dropout"); // of old releases
  }

  /** The keys of every configuration of transformers. */
  private static KeyTable transformers(String kind) {
    return KeyTable.of(kind)
        .honoured("model_type", "architectures")
        .honoured("bos_token_id", "eos_token_id", "pad_token_id", "sep_token_id")
        .only("add_cross_attention", false, false)
        .only("is_decoder", false, false)
        .only("cross_attention_hidden_size", null, (Object) null)
        .only("tie_encoder_decoder", false, false)
        .only("pruned_heads", null, null, Map.of())
        .only("per_layer_config", null, null, Map.of())
        .only("quantization_config", null, (Object) null)
        .ignored("transformers_version", "_name_or_path", "name_or_path", "_commit_hash")
        .ignored("dtype", "torch_dtype", "torchscript", "use_bfloat16", "tf_legacy_loss")
        .ignored("output_hidden_states", "output_attentions", "return_dict", "use_cache")
        .ignored("chunk_size_feed_forward", "gradient_checkpointing")
        .ignored("attn_implementation", "_attn_implementation", "_attn_implementation_autoset")
        .ignored("id2label", "label2id", "_num_labels", "num_labels", "problem_type")
        .ignored("finetuning_task", "task_specific_params", "tokenizer_class", "prefix")
        .alsoOf(GenerationKeys.KEYS);
  }
}
