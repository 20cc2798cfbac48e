package dev.culebra.models.dual;

import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two towers that bring what belongs together close to each other: embeddings, of unit length
 * unless their folder says otherwise, with the temperature (and bias) by which their products
 * become logits.
 */
public sealed interface DualEncoder extends Model
    permits TextEncoders, DecoderTexts, ImageTextEncoder {

  /** The embeddings of queries, N x D. */
  Tensor left(Tape tape, TowerInput input);

  /** The embeddings of keys, N x D. */
  Tensor right(Tape tape, TowerInput input);

  /** What recipes call its design. */
  String family();

  /** Whether a token of a key's text sees what stands behind it. */
  boolean readsBothWays();

  /** The number of the token at which a text is asked, for those that ask one: its last. */
  default int asked(int[] text) {
    return text.length - 1;
  }

  /** How logits are made of products. */
  Logits logits();

  /** Values of an embedding, D. */
  int dimension();

  /** Number of token ids, V. */
  int vocabulary();

  /** Most tokens of a text. */
  int context();

  /**
   * How logits are made of products: exp(t') q k + b.
   *
   * @param scale t', one value
   * @param bias b, one value; null for none
   */
  record Logits(Parameter scale, Parameter bias) {

    /** The name of t' in files. */
    public static final String SCALE = "logit_scale";

    /** The name of b in files. */
    public static final String BIAS = "logit_bias";

    /** Whether a tensor is one of them. */
    public static boolean names(String tensor) {
      return tensor.equals(SCALE) || tensor.equals(BIAS);
    }

    /** Declares them; neither decays. */
    static Logits declared(Parameters all, Start start) {
      Parameter scale = all.add(Kind.BIAS, SCALE, new Initializer.Constant(start.scale));
      Parameter bias =
          start.bias == null
              ? null
              : all.add(Kind.BIAS, BIAS, new Initializer.Constant(start.bias), 1);
      return new Logits(scale, bias);
    }
  }

  /**
   * Where t' and b start.
   *
   * @param bias null for a model without it
   */
  record Start(float scale, Float bias) {

    /** What Sentence Transformers usually learns with, and none of its files says. */
    public static final Start USUAL = new Start((float) Math.log(20), null);

    private static final String KEY = "_init_value";

    void write(ObjectNode config) {
      config.put(Logits.SCALE + KEY, scale);
      if (bias != null) {
        config.put(Logits.BIAS + KEY, bias);
      }
    }

    public static Start read(ConfigFile in) {
      double bias = in.real(Logits.BIAS + KEY, Double.NaN);
      return new Start(
          (float) in.real(Logits.SCALE + KEY, 2.6592), Double.isNaN(bias) ? null : (float) bias);
    }
  }
}
