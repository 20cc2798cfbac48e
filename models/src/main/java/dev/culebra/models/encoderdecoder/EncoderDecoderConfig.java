package dev.culebra.models.encoderdecoder;

import dev.culebra.models.encoderdecoder.EncoderDecoderShape.Family;
import dev.culebra.models.nn.Activations;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.kernel.Activation;
import tools.jackson.databind.node.ObjectNode;

/** An encoder-decoder's shape as the {@code config.json} of Hugging Face's T5 and BART. */
public final class EncoderDecoderConfig {

  private static final String GATED = "gated-";

  /** The gated GELU of T5 1.1, which is the one by tanh. */
  private static final String GEGLU = "gated-gelu";

  private EncoderDecoderConfig() {}

  private static String feedForward(EncoderDecoderShape shape) {
    if (!shape.gated()) {
      return Activations.published(shape.activation());
    }
    return switch (shape.activation()) {
      case GELU_TANH -> GEGLU;
      case GELU -> GATED + "gelu_python"; // the name "gelu" is taken
      default -> GATED + Activations.published(shape.activation());
    };
  }

  static ObjectNode write(EncoderDecoderShape shape, Model.TokenIds ids) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("model_type", shape.family().id());
    config.put("is_encoder_decoder", true);
    config.put("vocab_size", shape.vocabulary());
    config.put("d_model", shape.width());
    switch (shape.family()) {
      case T5 -> {
        config.putArray("architectures").add("T5ForConditionalGeneration");
        config.put("d_kv", shape.headSize());
        config.put("d_ff", shape.hidden());
        config.put("num_layers", shape.layers());
        config.put("num_decoder_layers", shape.decoderLayers());
        config.put("num_heads", shape.heads());
        config.put("relative_attention_num_buckets", shape.buckets());
        config.put("relative_attention_max_distance", shape.farthest());
        config.put("n_positions", shape.context());
        config.put("layer_norm_epsilon", shape.epsilon());
        config.put("feed_forward_proj", feedForward(shape));
        config.put("dropout_rate", 0.0);
        // Also says whether the output is scaled. For an output matrix of its own, transformers 5
        // warns that it is not tied, whatever stands here: its class always asks for the tie.
        config.put("tie_word_embeddings", shape.tied());
      }
      case BART -> {
        config.putArray("architectures").add("BartForConditionalGeneration");
        config.put("encoder_layers", shape.layers());
        config.put("decoder_layers", shape.decoderLayers());
        config.put("encoder_attention_heads", shape.heads());
        config.put("decoder_attention_heads", shape.heads());
        config.put("encoder_ffn_dim", shape.hidden());
        config.put("decoder_ffn_dim", shape.hidden());
        config.put("max_position_embeddings", shape.context());
        config.put("activation_function", Activations.published(shape.activation()));
        config.put("init_std", 0.02);
        config.put("dropout", 0.0);
        config.put("attention_dropout", 0.0);
        config.put("activation_dropout", 0.0);
        config.put("scale_embedding", false);
        config.put("tie_word_embeddings", shape.tied());
        config.putNull("forced_eos_token_id");
      }
    }
    ids.write(config);
    config.put("torch_dtype", "float32");
    return config;
  }

  public static EncoderDecoderShape read(ConfigFile in) {
    return in.read(
        in.modelType().equals("t5") ? EncoderDecoderConfig::t5 : EncoderDecoderConfig::bart);
  }

  private static EncoderDecoderShape t5(ConfigFile in) {
    in.check(ConfigKeys.T5);
    String feedForward = in.text("feed_forward_proj", "relu");
    boolean gated = feedForward.startsWith(GATED);
    int layers = in.count("num_layers", 6);
    return new EncoderDecoderShape(
        Family.T5,
        in.count("vocab_size", 32_128),
        in.count("n_positions", 512),
        in.count("d_model", 512),
        layers,
        in.count("num_decoder_layers", layers),
        in.count("num_heads", 8),
        in.count("d_kv", 64),
        in.count("d_ff", 2048),
        in.positive("layer_norm_epsilon", 1e-6),
        feedForward.equals(GEGLU)
            ? Activation.GELU_TANH
            : Activations.named(
                in,
                "feed_forward_proj",
                gated ? feedForward.substring(GATED.length()) : feedForward),
        gated,
        // A release says by the scale what older ones said by the tie.
        in.flag("scale_decoder_outputs", in.flag("tie_word_embeddings", true)),
        in.count("relative_attention_num_buckets", 32),
        in.count("relative_attention_max_distance", 128));
  }

  private static EncoderDecoderShape bart(ConfigFile in) {
    in.check(ConfigKeys.BART);
    int width = in.count("d_model", 1024);
    int heads = in.count("encoder_attention_heads", 16);
    int hidden = in.count("encoder_ffn_dim", 4096);
    in.only("decoder_attention_heads", 16, heads);
    in.only("decoder_ffn_dim", 4096, hidden);
    return new EncoderDecoderShape(
        Family.BART,
        in.count("vocab_size", 50_265),
        in.count("max_position_embeddings", 1024),
        width,
        in.count("encoder_layers", 12),
        in.count("decoder_layers", 12),
        heads,
        Math.max(1, width / heads),
        hidden,
        1e-5,
        Activations.read(in, "activation_function", "gelu"),
        false,
        in.flag("tie_word_embeddings", true),
        32,
        128);
  }
}
