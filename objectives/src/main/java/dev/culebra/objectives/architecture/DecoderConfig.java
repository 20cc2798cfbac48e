package dev.culebra.objectives.architecture;

import dev.culebra.runtime.io.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A decoder's shape as the {@code config.json} of Hugging Face's GPT-2 and Llama. */
final class DecoderConfig {

  private DecoderConfig() {}

  /**
   * The {@code config.json} of a shape.
   *
   * @param ids special tokens
   */
  static ObjectNode write(DecoderShape shape, Model.TokenIds ids) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    switch (shape.family()) {
      case GPT2 -> {
        config.putArray("architectures").add("GPT2LMHeadModel");
        config.put("model_type", "gpt2");
        config.put("vocab_size", shape.vocabulary());
        config.put("n_positions", shape.context());
        config.put("n_embd", shape.width());
        config.put("n_layer", shape.layers());
        config.put("n_head", shape.heads());
        config.put("n_inner", shape.hidden());
        config.put("activation_function", "gelu_new");
        config.put("layer_norm_epsilon", shape.epsilon());
        config.put("embd_pdrop", 0.0);
        config.put("resid_pdrop", 0.0);
        config.put("attn_pdrop", 0.0);
      }
      case LLAMA -> {
        config.putArray("architectures").add("LlamaForCausalLM");
        config.put("model_type", "llama");
        config.put("vocab_size", shape.vocabulary());
        config.put("max_position_embeddings", shape.context());
        config.put("hidden_size", shape.width());
        config.put("num_hidden_layers", shape.layers());
        config.put("num_attention_heads", shape.heads());
        config.put("num_key_value_heads", shape.kvHeads());
        config.put("head_dim", shape.headSize());
        config.put("intermediate_size", shape.hidden());
        config.put("hidden_act", "silu");
        config.put("rms_norm_eps", shape.epsilon());
        config.put("attention_bias", false);
        config.put("mlp_bias", false);
        // Older and newer releases of transformers look for the base in different places.
        config.put("rope_theta", shape.ropeTheta());
        config
            .putObject("rope_parameters")
            .put("rope_type", "default")
            .put("rope_theta", shape.ropeTheta());
      }
    }
    config.put("initializer_range", 0.02);
    config.put("tie_word_embeddings", shape.tied());
    ids.write(config);
    config.put("torch_dtype", "float32");
    return config;
  }

  /** Reads a {@code config.json} of GPT-2 or Llama, refusing what this decoder does not do. */
  static DecoderShape read(ConfigFile in) {
    return in.modelType().equals("gpt2") ? gpt2(in) : llama(in);
  }

  private static DecoderShape gpt2(ConfigFile in) {
    in.only("activation_function", "gelu_new", "gelu_new", "gelu_pytorch_tanh");
    in.only("scale_attn_weights", "true", "true");
    in.only("scale_attn_by_inverse_layer_idx", "false", "false");
    in.only("add_cross_attention", "false", "false");
    in.only("tie_word_embeddings", "true", "true");
    int width = in.count("n_embd", 768);
    int heads = in.count("n_head", 12);
    return new DecoderShape(
        Family.GPT2,
        in.count("vocab_size", 50257),
        in.count("n_positions", 1024),
        width,
        in.count("n_layer", 12),
        heads,
        heads,
        in.count("n_inner", 4 * width),
        in.real("layer_norm_epsilon", 1e-5),
        10_000,
        true);
  }

  private static DecoderShape llama(ConfigFile in) {
    in.only("hidden_act", "silu", "silu");
    in.only("attention_bias", "false", "false");
    in.only("mlp_bias", "false", "false");
    JsonNode rope = in.config().path("rope_parameters");
    JsonNode scaling = in.config().path("rope_scaling");
    for (JsonNode node : new JsonNode[] {rope, scaling}) {
      String kind = node.path("rope_type").asString(node.path("type").asString("default"));
      if (!kind.equals("default")) {
        throw in.unsupported("rope_type", kind, "default");
      }
    }
    int width = in.count("hidden_size", 4096);
    int heads = in.count("num_attention_heads", 32);
    int headSize = in.count("head_dim", width / heads);
    if ((long) headSize * heads != width) {
      throw in.unsupported(
          "head_dim", String.valueOf(headSize), "hidden_size / num_attention_heads");
    }
    double theta = rope.path("rope_theta").asDouble(in.real("rope_theta", 10_000));
    return new DecoderShape(
        Family.LLAMA,
        in.count("vocab_size", 32_000),
        in.count("max_position_embeddings", 2048),
        width,
        in.count("num_hidden_layers", 32),
        heads,
        in.count("num_key_value_heads", heads),
        in.count("intermediate_size", 11_008),
        in.real("rms_norm_eps", 1e-6),
        theta,
        in.flag("tie_word_embeddings", false));
  }
}
