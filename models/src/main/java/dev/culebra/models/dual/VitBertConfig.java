package dev.culebra.models.dual;

import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.dual.ImageTextShape.Tower;
import dev.culebra.models.nn.Activations;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.io.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shape of a ViT beside a BERT as the {@code config.json} of Hugging Face's {@code
 * VisionTextDualEncoderModel}.
 */
public final class VitBertConfig {

  public static final String TYPE = "vision-text-dual-encoder";

  private VitBertConfig() {}

  static ObjectNode write(ImageTextShape shape, Model.TokenIds ids) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.putArray("architectures").add("VisionTextDualEncoderModel");
    config.put("model_type", TYPE);
    config.put("projection_dim", shape.dimension());
    config.set("text_config", EncoderConfig.write(shape.encoder(), ids));
    config.set("vision_config", vision(shape));
    config.put("torch_dtype", "float32");
    return config;
  }

  private static ObjectNode vision(ImageTextShape shape) {
    Tower tower = shape.vision();
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("model_type", "vit");
    config.put("image_size", shape.image());
    config.put("patch_size", shape.patch());
    config.put("num_channels", shape.channels());
    config.put("hidden_size", tower.width());
    config.put("num_hidden_layers", tower.layers());
    config.put("num_attention_heads", tower.heads());
    config.put("intermediate_size", tower.hidden());
    config.put("hidden_act", Activations.published(tower.activation()));
    config.put("layer_norm_eps", tower.epsilon());
    config.put("hidden_dropout_prob", 0.0);
    config.put("attention_probs_dropout_prob", 0.0);
    config.put("qkv_bias", true);
    config.put("pooler_output_size", tower.width());
    config.put("pooler_act", "tanh");
    return config;
  }

  public static ImageTextShape read(ConfigFile in) {
    return in.read(VitBertConfig::shape);
  }

  private static ImageTextShape shape(ConfigFile in) {
    in.check(ConfigKeys.VIT_BERT);
    ConfigFile text = in.part("text_config").ofType("bert");
    EncoderShape encoder = EncoderConfig.read(text);
    ConfigFile vision = in.part("vision_config").ofType("vit").check(ConfigKeys.VIT);
    Tower tower =
        new Tower(
            vision.count("hidden_size", 768),
            vision.count("num_hidden_layers", 12),
            vision.count("num_attention_heads", 12),
            vision.count("intermediate_size", 3072),
            vision.positive("layer_norm_eps", 1e-12),
            Activations.read(vision, "hidden_act", "gelu"));
    vision.only("pooler_output_size", tower.width(), tower.width());
    return new ImageTextShape(
        Design.VIT_BERT,
        new Tower(
            encoder.width(),
            encoder.layers(),
            encoder.heads(),
            encoder.hidden(),
            encoder.epsilon(),
            encoder.activation()),
        encoder.vocabulary(),
        encoder.context(),
        text.id("eos_token_id", -1),
        tower,
        vision.count("image_size", 224),
        vision.count("num_channels", 3),
        vision.count("patch_size", 16),
        in.count("projection_dim", 512));
  }
}
