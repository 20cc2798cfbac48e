package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.Activation;

/** Activations by the names that Hugging Face gives them. */
public final class Activations {

  /** The names of GELU by tanh. */
  static final Object[] GELU_TANH = {
    "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate"
  };

  private Activations() {}

  public static String published(Activation activation) {
    return switch (activation) {
      case GELU_TANH -> "gelu_new";
      case GELU -> "gelu";
      case QUICK_GELU -> "quick_gelu";
      case SILU -> "silu";
      case RELU -> "relu";
      case TANH -> "tanh";
    };
  }

  public static Activation read(ConfigFile in, String key, String fallback) {
    return named(in, key, in.text(key, fallback));
  }

  /** The activation of a name that stands under a key, perhaps as a part of its value. */
  public static Activation named(ConfigFile in, String key, String name) {
    return switch (name) {
      case "gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_fast", "gelu_accurate" ->
          Activation.GELU_TANH;
      case "gelu", "gelu_python" -> Activation.GELU;
      case "quick_gelu" -> Activation.QUICK_GELU;
      case "silu", "swish" -> Activation.SILU;
      case "relu" -> Activation.RELU;
      default ->
          throw in.unsupported(key, name, "gelu', 'gelu_new', 'quick_gelu', 'silu' or 'relu");
    };
  }
}
