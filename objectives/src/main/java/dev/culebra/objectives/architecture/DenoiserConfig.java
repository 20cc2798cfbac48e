package dev.culebra.objectives.architecture;

import dev.culebra.runtime.io.Json;
import tools.jackson.databind.node.ObjectNode;

/** A denoiser's shape as a {@code config.json} with the arguments of the authors' class DiT. */
final class DenoiserConfig {

  static final String TYPE = "dit";

  private DenoiserConfig() {}

  static ObjectNode write(DenoiserShape shape) {
    ObjectNode config = Json.MAPPER.createObjectNode();
    config.putArray("architectures").add("DiT");
    config.put("model_type", TYPE);
    config.put("input_size", shape.side());
    config.put("patch_size", shape.patch());
    config.put("in_channels", shape.channels());
    config.put("hidden_size", shape.width());
    config.put("depth", shape.layers());
    config.put("num_heads", shape.heads());
    config.put("mlp_ratio", (double) shape.hidden() / shape.width());
    config.put("num_classes", shape.classes());
    config.put("learn_sigma", false);
    config.put("diffusion_steps", shape.steps());
    config.put("torch_dtype", "float32");
    return config;
  }

  static DenoiserShape read(ConfigFile in) {
    in.only("learn_sigma", "true", "false");
    int width = in.count("hidden_size", 1152);
    return new DenoiserShape(
        in.count("input_size", 32),
        in.count("patch_size", 2),
        in.count("in_channels", 4),
        width,
        in.count("depth", 28),
        in.count("num_heads", 16),
        Math.toIntExact(Math.round(in.real("mlp_ratio", 4) * width)),
        in.countOrZero("num_classes", 1000),
        in.count("diffusion_steps", 1000));
  }
}
