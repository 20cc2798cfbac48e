package dev.culebra.models.dit;

import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.ConfigKeys;
import dev.culebra.runtime.io.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * A denoiser's shape as the {@code config.json} of diffusers' class {@code DiTTransformer2DModel}.
 *
 * <p>That class keeps the noise process elsewhere: how many steps there are, the {@code
 * scheduler_config.json} beside it says.
 */
public final class DenoiserConfig {

  public static final String TYPE = "DiTTransformer2DModel";

  private DenoiserConfig() {}

  static ObjectNode write(DenoiserShape shape) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.put("_class_name", TYPE);
    config.put("sample_size", shape.side());
    config.put("patch_size", shape.patch());
    config.put("in_channels", shape.channels());
    config.put("out_channels", shape.channels());
    config.put("num_layers", shape.layers());
    config.put("num_attention_heads", shape.heads());
    config.put("attention_head_dim", shape.width() / shape.heads());
    config.put("attention_bias", true);
    config.put("activation_fn", "gelu-approximate");
    config.put("num_embeds_ada_norm", shape.classes());
    config.put("norm_type", "ada_norm_zero");
    config.put("norm_elementwise_affine", false);
    config.put("norm_eps", shape.epsilon());
    config.put("dropout", 0.0);
    return config;
  }

  public static DenoiserShape read(ConfigFile in) {
    return in.read(DenoiserConfig::shape);
  }

  private static DenoiserShape shape(ConfigFile in) {
    in.check(ConfigKeys.DIT);
    int channels = in.count("in_channels", 4);
    in.only("out_channels", channels, channels);
    int heads = in.count("num_attention_heads", 16);
    return new DenoiserShape(
        in.count("sample_size", 32),
        in.count("patch_size", 2),
        channels,
        Math.multiplyExact(heads, in.count("attention_head_dim", 72)),
        in.count("num_layers", 28),
        heads,
        in.countOrZero("num_embeds_ada_norm", 1000),
        NoiseProcess.steps(in.file().toAbsolutePath().getParent()),
        in.positive("norm_eps", 1e-5));
  }
}
