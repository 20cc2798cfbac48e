package dev.culebra.models.dual;

import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.dual.ImageTextShape.Tower;
import dev.culebra.models.nn.Activations;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.io.Json;
import tools.jackson.databind.node.ObjectNode;

/** An image-text encoder's shape as the {@code config.json} of Hugging Face's CLIP. */
public final class ImageTextConfig {

  /** Ours alone. */
  private static final String CAPTION = "caption_num_hidden_layers";

  private ImageTextConfig() {}

  static ObjectNode write(ImageTextShape shape, Model.TokenIds ids) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.putArray("architectures").add("CLIPModel");
    config.put("model_type", "clip");
    config.put("projection_dim", shape.dimension());
    config.put("initializer_factor", 1.0);
    ObjectNode text = config.putObject("text_config");
    text.put("model_type", "clip_text_model");
    text.put("vocab_size", shape.vocabulary());
    text.put("max_position_embeddings", shape.context());
    write(text, shape.text(), shape.dimension());
    ids.write(text);
    text.put("eos_token_id", shape.end());
    ObjectNode vision = config.putObject("vision_config");
    vision.put("model_type", "clip_vision_model");
    vision.put("image_size", shape.image());
    vision.put("patch_size", shape.patch());
    vision.put("num_channels", shape.channels());
    write(vision, shape.vision(), shape.dimension());
    if (shape.captionLayers() > 0) {
      config.put(CAPTION, shape.captionLayers());
    }
    config.put("torch_dtype", "float32");
    return config;
  }

  private static void write(ObjectNode config, Tower tower, int dimension) {
    config.put("hidden_size", tower.width());
    config.put("num_hidden_layers", tower.layers());
    config.put("num_attention_heads", tower.heads());
    config.put("intermediate_size", tower.hidden());
    config.put("hidden_act", Activations.published(tower.activation()));
    config.put("layer_norm_eps", tower.epsilon());
    config.put("attention_dropout", 0.0);
    config.put("projection_dim", dimension);
  }

  public static ImageTextShape read(ConfigFile in) {
    return in.read(ImageTextConfig::shape);
  }

  private static ImageTextShape shape(ConfigFile in) {
    in.check(ConfigKeys.CLIP);
    ConfigFile text = in.part("text_config").check(ConfigKeys.CLIP_TEXT);
    ConfigFile vision = in.part("vision_config").check(ConfigKeys.CLIP_VISION);
    return new ImageTextShape(
        Design.CLIP,
        tower(text, 512, 8, 2048),
        text.count("vocab_size", 49_408),
        text.count("max_position_embeddings", 77),
        text.id("eos_token_id", 49_407),
        tower(vision, 768, 12, 3072),
        vision.count("image_size", 224),
        vision.count("num_channels", 3),
        vision.count("patch_size", 32),
        in.count("projection_dim", 512),
        in.has(CAPTION) ? in.count(CAPTION, 1) : 0);
  }

  private static Tower tower(ConfigFile in, int width, int heads, int hidden) {
    return new Tower(
        in.count("hidden_size", width),
        in.count("num_hidden_layers", 12),
        in.count("num_attention_heads", heads),
        in.count("intermediate_size", hidden),
        in.positive("layer_norm_eps", 1e-5),
        Activations.read(in, "hidden_act", "quick_gelu"));
  }
}
