package dev.culebra.models.bert;

import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.nn.Activations;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.io.Json;
import tools.jackson.databind.node.ObjectNode;

/** An encoder's shape as the {@code config.json} of Hugging Face's BERT. */
public final class EncoderConfig {

  private EncoderConfig() {}

  public static ObjectNode write(EncoderShape shape, Model.TokenIds ids) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.putArray("architectures").add(shape.head().published());
    config.put("model_type", "bert");
    config.put("vocab_size", shape.vocabulary());
    config.put("max_position_embeddings", shape.context());
    config.put("type_vocab_size", 2);
    config.put("hidden_size", shape.width());
    config.put("num_hidden_layers", shape.layers());
    config.put("num_attention_heads", shape.heads());
    config.put("intermediate_size", shape.hidden());
    config.put("hidden_act", Activations.published(shape.activation()));
    config.put("layer_norm_eps", shape.epsilon());
    config.put("hidden_dropout_prob", 0.0);
    config.put("attention_probs_dropout_prob", 0.0);
    config.put("initializer_range", 0.02);
    config.put("tie_word_embeddings", true);
    ids.write(config);
    config.put("torch_dtype", "float32");
    return config;
  }

  public static EncoderShape read(ConfigFile in) {
    return in.read(EncoderConfig::shape);
  }

  private static EncoderShape shape(ConfigFile in) {
    in.check(in.modelType().equals("electra") ? ConfigKeys.ELECTRA : ConfigKeys.BERT);
    return new EncoderShape(
        in.count("vocab_size", 30_522),
        in.count("max_position_embeddings", 512),
        in.count("hidden_size", 768),
        in.count("num_hidden_layers", 12),
        in.count("num_attention_heads", 12),
        in.count("intermediate_size", 3072),
        in.positive("layer_norm_eps", 1e-12),
        Activations.read(in, "hidden_act", "gelu"),
        Head.of(in.first("architectures")));
  }
}
