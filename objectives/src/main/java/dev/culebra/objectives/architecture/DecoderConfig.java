package dev.culebra.objectives.architecture;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A decoder's shape as the {@code config.json} of Hugging Face's GPT-2 and Llama. */
public final class DecoderConfig {

  private DecoderConfig() {}

  /**
   * The {@code config.json} of a shape.
   *
   * @param endOfText the id that ends a document
   */
  public static ObjectNode write(DecoderShape shape, int endOfText) {
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
    config.put("bos_token_id", endOfText);
    config.put("eos_token_id", endOfText);
    config.put("torch_dtype", "float32");
    return config;
  }

  /**
   * Reads a {@code config.json}.
   *
   * @throws BadInputException if it is of another architecture, or asks for something that this one
   *     does not do
   */
  public static DecoderShape read(Path file) {
    JsonNode config = Json.read(file);
    if (!config.isObject()) {
      throw new BadInputException(file + " is not a model's configuration: it holds no object");
    }
    Reader in = new Reader(file, config);
    String type = in.text("model_type", "");
    return switch (type) {
      case "gpt2" -> gpt2(in);
      case "llama" -> llama(in);
      default ->
          throw new BadInputException(
              file + ": model_type '" + type + "' is not supported; gpt2 and llama are");
    };
  }

  private static DecoderShape gpt2(Reader in) {
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

  private static DecoderShape llama(Reader in) {
    in.only("hidden_act", "silu", "silu");
    in.only("attention_bias", "false", "false");
    in.only("mlp_bias", "false", "false");
    JsonNode rope = in.config.path("rope_parameters");
    JsonNode scaling = in.config.path("rope_scaling");
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

  /** Reads keys of one file; a missing or null key has the default of Hugging Face's class. */
  private record Reader(Path file, JsonNode config) {

    private JsonNode node(String key) {
      JsonNode node = config.get(key);
      return node == null || node.isNull() ? null : node;
    }

    int count(String key, int fallback) {
      JsonNode node = node(key);
      if (node == null) {
        return fallback;
      }
      if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
        throw new BadInputException(file + ": " + key + " must be a positive number, not " + node);
      }
      return node.intValue();
    }

    double real(String key, double fallback) {
      JsonNode node = node(key);
      if (node == null) {
        return fallback;
      }
      if (!node.isNumber()) {
        throw new BadInputException(file + ": " + key + " must be a number, not " + node);
      }
      return node.doubleValue();
    }

    String text(String key, String fallback) {
      JsonNode node = node(key);
      return node == null ? fallback : node.asString();
    }

    boolean flag(String key, boolean fallback) {
      JsonNode node = node(key);
      return node == null ? fallback : node.asBoolean();
    }

    void only(String key, String fallback, String... supported) {
      String value = text(key, fallback);
      for (String one : supported) {
        if (one.equals(value)) {
          return;
        }
      }
      throw unsupported(key, value, supported[0]);
    }

    BadInputException unsupported(String key, String value, String supported) {
      return new BadInputException(
          file + ": " + key + " '" + value + "' is not supported; only '" + supported + "' is");
    }
  }
}
