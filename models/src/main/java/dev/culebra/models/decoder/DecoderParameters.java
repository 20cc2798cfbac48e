package dev.culebra.models.decoder;

import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.NormLayer;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of a decoder, under the names of its family's published weights.
 *
 * <p>Initialised as the authors do: normal with deviation 0.02; GPT-2 divides that of the two
 * projections into the residual stream by sqrt(2 L).
 *
 * @param tokens V x C
 * @param positions T x C, or null
 * @param head V x C: the embedding itself if tied
 */
record DecoderParameters(
    Parameters all,
    Parameter tokens,
    Parameter positions,
    List<Block> blocks,
    NormLayer norm,
    Parameter head) {

  private static final float DEVIATION = 0.02f;

  static DecoderParameters of(DecoderShape shape) {
    return switch (shape.family()) {
      case GPT2 -> gpt2(shape);
      case LLAMA -> llama(shape);
    };
  }

  private static DecoderParameters gpt2(DecoderShape s) {
    Parameters all = new Parameters();
    Initializer normal = new Initializer.Normal(DEVIATION);
    Initializer residual =
        new Initializer.Normal((float) (DEVIATION / Math.sqrt(2.0 * s.layers())));
    Parameter tokens =
        all.add(Kind.EMBEDDING, "transformer.wte.weight", normal, s.vocabulary(), s.width());
    Parameter positions =
        all.add(Kind.EMBEDDING, "transformer.wpe.weight", normal, s.context(), s.width());
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < s.layers(); i++) {
      String h = "transformer.h." + i + ".";
      blocks.add(
          new Block(
              gain(all, h + "ln_1", s.width(), true),
              conv(all, h + "attn.c_attn", normal, s.width(), 3L * s.width()),
              conv(all, h + "attn.c_proj", residual, s.width(), s.width()),
              null,
              gain(all, h + "ln_2", s.width(), true),
              conv(all, h + "mlp.c_fc", normal, s.width(), s.hidden()),
              conv(all, h + "mlp.c_proj", residual, s.hidden(), s.width())));
    }
    NormLayer norm = gain(all, "transformer.ln_f", s.width(), true);
    return new DecoderParameters(all, tokens, positions, blocks, norm, tokens);
  }

  private static DecoderParameters llama(DecoderShape s) {
    Parameters all = new Parameters();
    Initializer normal = new Initializer.Normal(DEVIATION);
    Parameter tokens =
        all.add(Kind.EMBEDDING, "model.embed_tokens.weight", normal, s.vocabulary(), s.width());
    int queries = s.heads() * s.headSize();
    int keys = s.kvHeads() * s.headSize();
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < s.layers(); i++) {
      String h = "model.layers." + i + ".";
      String a = h + "self_attn.";
      blocks.add(
          new Block(
              gain(all, h + "input_layernorm", s.width(), false),
              stacked(
                  all,
                  Parameters.part(a + "q_proj.weight", normal, queries, s.width()),
                  Parameters.part(a + "k_proj.weight", normal, keys, s.width()),
                  Parameters.part(a + "v_proj.weight", normal, keys, s.width())),
              stacked(all, Parameters.part(a + "o_proj.weight", normal, s.width(), queries)),
              null,
              gain(all, h + "post_attention_layernorm", s.width(), false),
              stacked(
                  all,
                  Parameters.part(h + "mlp.gate_proj.weight", normal, s.hidden(), s.width()),
                  Parameters.part(h + "mlp.up_proj.weight", normal, s.hidden(), s.width())),
              stacked(
                  all,
                  Parameters.part(h + "mlp.down_proj.weight", normal, s.width(), s.hidden()))));
    }
    NormLayer norm = gain(all, "model.norm", s.width(), false);
    Parameter head =
        s.tied() ? tokens : all.add(Kind.HEAD, "lm_head.weight", normal, s.vocabulary(), s.width());
    return new DecoderParameters(all, tokens, null, blocks, norm, head);
  }

  private static NormLayer gain(Parameters all, String name, long width, boolean shift) {
    return new NormLayer(
        all.add(Kind.NORM, name + ".weight", Initializer.ones(), width),
        shift ? all.add(Kind.NORM, name + ".bias", Initializer.zeros(), width) : null);
  }

  /** A weight of inputs x outputs, as GPT-2 keeps it, and its bias. */
  private static Linear conv(Parameters all, String name, Initializer init, long in, long out) {
    return new Linear(
        all.add(Kind.HIDDEN, name + ".weight", init, in, out),
        all.add(Kind.BIAS, name + ".bias", Initializer.zeros(), out),
        false);
  }

  /** Weights of outputs x inputs, stacked into one matrix, without bias. */
  private static Linear stacked(Parameters all, Parameter.Part... parts) {
    return new Linear(all.add(Kind.HIDDEN, List.of(parts)), null, true);
  }
}
