package dev.culebra.models.decoder;

import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.Rotary;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A decoder's shape as the {@code config.json} of Hugging Face's GPT-2 and Llama. */
public final class DecoderConfig {

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
        writeRotary(config, shape.rotary());
      }
    }
    config.put("initializer_range", 0.02);
    config.put("tie_word_embeddings", shape.tied());
    ids.write(config);
    config.put("torch_dtype", "float32");
    return config;
  }

  /** Reads a {@code config.json} of GPT-2 or Llama, refusing what this decoder does not do. */
  public static DecoderShape read(ConfigFile in) {
    return in.read(in.modelType().equals("gpt2") ? DecoderConfig::gpt2 : DecoderConfig::llama);
  }

  private static DecoderShape gpt2(ConfigFile in) {
    in.check(ConfigKeys.GPT2);
    int width = in.count("n_embd", 768);
    int heads = in.count("n_head", 12);
    return new DecoderShape(
        DecoderFamily.GPT2,
        in.count("vocab_size", 50257),
        in.count("n_positions", 1024),
        width,
        in.count("n_layer", 12),
        heads,
        heads,
        in.count("n_inner", 4 * width),
        in.positive("layer_norm_epsilon", 1e-5),
        Rotary.of(10_000),
        true);
  }

  private static DecoderShape llama(ConfigFile in) {
    in.check(ConfigKeys.LLAMA);
    int width = in.count("hidden_size", 4096);
    int heads = in.count("num_attention_heads", 32);
    int headSize = in.count("head_dim", width / heads);
    if ((long) headSize * heads != width) {
      throw in.unsupported(
          "head_dim", String.valueOf(headSize), "hidden_size / num_attention_heads");
    }
    return new DecoderShape(
        DecoderFamily.LLAMA,
        in.count("vocab_size", 32_000),
        in.count("max_position_embeddings", 2048),
        width,
        in.count("num_hidden_layers", 32),
        heads,
        in.count("num_key_value_heads", heads),
        in.count("intermediate_size", 11_008),
        in.positive("rms_norm_eps", 1e-6),
        rotary(in),
        in.flag("tie_word_embeddings", false));
  }

  /**
   * The frequencies of the angles. As in transformers, {@code rope_scaling}, the older key, goes
   * before {@code rope_parameters}, and either before a {@code rope_theta} beside it; {@code type}
   * is an old name of {@code rope_type}.
   */
  private static Rotary rotary(ConfigFile in) {
    double theta = in.positive("rope_theta", 10_000);
    for (String key : List.of("rope_scaling", "rope_parameters")) {
      if (in.has(key)) {
        ConfigFile rope = in.part(key).check(ConfigKeys.ROPE);
        return new Rotary(rope.positive("rope_theta", theta), scaling(in, key, rope));
      }
    }
    return Rotary.of(theta);
  }

  private static Rotary.Scaling scaling(ConfigFile in, String key, ConfigFile rope) {
    String type = rope.text("rope_type", rope.text("type", Rotary.DEFAULT));
    return switch (type) {
      case Rotary.DEFAULT -> new Rotary.None();
      case Rotary.LINEAR -> new Rotary.Linear(needed(key, rope, "factor"));
      case Rotary.LLAMA3 -> {
        int context = in.count("max_position_embeddings", 2048);
        yield new Rotary.Llama3(
            needed(key, rope, "factor"),
            needed(key, rope, "low_freq_factor"),
            needed(key, rope, "high_freq_factor"),
            in.count(Rotary.ORIGINAL_CONTEXT, rope.count(Rotary.ORIGINAL_CONTEXT, context)));
      }
      default ->
          throw in.unsupported(
              key + ".rope_type",
              type,
              String.join("' or '", Rotary.DEFAULT, Rotary.LINEAR, Rotary.LLAMA3));
    };
  }

  private static double needed(String part, ConfigFile rope, String key) {
    if (!rope.has(key)) {
      throw new BadInputException(
          Format.text("%s: %s has no %s, which its type needs", rope.file(), part, key));
    }
    return rope.positive(key, 1);
  }

  private static void writeRotary(ObjectNode config, Rotary rotary) {
    // Older and newer releases of transformers look for the base in different places.
    config.put("rope_theta", rotary.theta());
    ObjectNode rope = config.putObject("rope_parameters");
    switch (rotary.scaling()) {
      case Rotary.None _ -> rope.put("rope_type", Rotary.DEFAULT);
      case Rotary.Linear linear ->
          rope.put("rope_type", Rotary.LINEAR).put("factor", linear.factor());
      case Rotary.Llama3 llama3 ->
          rope.put("rope_type", Rotary.LLAMA3)
              .put("factor", llama3.factor())
              .put("low_freq_factor", llama3.low())
              .put("high_freq_factor", llama3.high())
              .put(Rotary.ORIGINAL_CONTEXT, llama3.context());
    }
    rope.put("rope_theta", rotary.theta());
    if (!(rotary.scaling() instanceof Rotary.None)) {
      config.set("rope_scaling", rope.deepCopy()); // what releases before 5 read
    }
  }
}
