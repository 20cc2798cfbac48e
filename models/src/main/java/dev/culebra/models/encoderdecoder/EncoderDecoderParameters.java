package dev.culebra.models.encoderdecoder;

import dev.culebra.models.encoderdecoder.EncoderDecoderShape.Family;
import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.NormLayer;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of T5 and BART under their published names, initialised as their authors do.
 *
 * @param head V x C: the embedding itself if tied
 */
record EncoderDecoderParameters(Parameters all, Side encoder, Side decoder, Parameter head) {

  /** BART keeps two rows of positions in front that no token uses. */
  static final int BART_OFFSET = 2;

  /** BART's embedding; if untied, nothing but the start of both sides' own in files of old. */
  static final String BART_SHARED = "model.shared.weight";

  /**
   * One stack.
   *
   * @param tokens V x C: one for both stacks, except in an untied BART
   * @param positions BART's, else null
   * @param embeddingNorm BART's, else null
   * @param distances T5's: buckets x heads, else null
   * @param last the norm behind the last block, or null
   */
  record Side(
      Parameter tokens,
      Parameter positions,
      NormLayer embeddingNorm,
      Parameter distances,
      List<Block> blocks,
      NormLayer last) {}

  static EncoderDecoderParameters of(EncoderDecoderShape shape) {
    return shape.family() == Family.T5 ? t5(shape) : bart(shape);
  }

  /**
   * T5: deviations by the number of inputs, the embedding's is 1. The output matrix starts as the
   * authors' code does, 1 / sqrt(C), which leaves the first loss near log V.
   */
  private static EncoderDecoderParameters t5(EncoderDecoderShape s) {
    Parameters all = new Parameters();
    Parameter tokens =
        all.add(Kind.EMBEDDING, "shared.weight", normal(1), s.vocabulary(), s.width());
    Side encoder = t5Side(all, tokens, s, "encoder.", s.layers(), false);
    Side decoder = t5Side(all, tokens, s, "decoder.", s.decoderLayers(), true);
    Parameter head = s.tied() ? tokens : head(all, inverseRoot(s.width()), s);
    return new EncoderDecoderParameters(all, encoder, decoder, head);
  }

  private static Parameter head(Parameters all, Initializer init, EncoderDecoderShape s) {
    return all.add(Kind.HEAD, "lm_head.weight", init, s.vocabulary(), s.width());
  }

  private static Side t5Side(
      Parameters all,
      Parameter tokens,
      EncoderDecoderShape s,
      String side,
      int layers,
      boolean reads) {
    Layers declared = new Layers(all, null);
    Parameter distances =
        all.add(
            Kind.EMBEDDING,
            side + "block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            inverseRoot(s.width()),
            s.buckets(),
            s.heads());
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String layer = side + "block." + i + ".layer.";
      String self = layer + "0.SelfAttention.";
      String mlp = layer + (reads ? 2 : 1);
      String fed = mlp + ".DenseReluDense.wi";
      Layers wide = declared.with(inverseRoot(s.width()));
      blocks.add(
          new Block(
              declared.scale(layer + "0.layer_norm", s.width()),
              new Linear(
                  all.add(
                      Kind.HIDDEN, List.of(query(self, s), key(self + "k", s), key(self + "v", s))),
                  null,
                  true),
              declared.with(inverseRoot(s.inner())).plain(s.inner(), s.width(), self + "o"),
              reads ? t5Cross(all, s, layer + "1.") : null,
              declared.scale(mlp + ".layer_norm", s.width()),
              s.gated()
                  ? wide.plain(s.width(), s.hidden(), fed + "_0", fed + "_1")
                  : wide.plain(s.width(), s.hidden(), fed),
              declared
                  .with(inverseRoot(s.hidden()))
                  .plain(s.hidden(), s.width(), mlp + ".DenseReluDense.wo")));
    }
    NormLayer last = declared.scale(side + "final_layer_norm", s.width());
    return new Side(tokens, null, null, distances, blocks, last);
  }

  private static Block.Cross t5Cross(Parameters all, EncoderDecoderShape s, String layer) {
    Layers declared = new Layers(all, null);
    String name = layer + "EncDecAttention.";
    return new Block.Cross(
        declared.scale(layer + "layer_norm", s.width()),
        new Linear(all.add(Kind.HIDDEN, List.of(query(name, s))), null, true),
        new Linear(
            all.add(Kind.HIDDEN, List.of(key(name + "k", s), key(name + "v", s))), null, true),
        declared.with(inverseRoot(s.inner())).plain(s.inner(), s.width(), name + "o"));
  }

  /** Scores are not scaled, so queries start smaller. */
  private static Parameter.Part query(String attention, EncoderDecoderShape s) {
    Initializer init = inverseRoot((double) s.width() * s.headSize());
    return Parameters.part(attention + "q.weight", init, s.inner(), s.width());
  }

  private static Parameter.Part key(String name, EncoderDecoderShape s) {
    return Parameters.part(name + ".weight", inverseRoot(s.width()), s.inner(), s.width());
  }

  private static EncoderDecoderParameters bart(EncoderDecoderShape s) {
    Parameters all = new Parameters();
    Layers declared = Layers.normal(all);
    Parameter shared = s.tied() ? declared.embedding(BART_SHARED, s.vocabulary(), s.width()) : null;
    Side encoder = bartSide(declared, shared, s, "model.encoder.", s.layers(), false);
    Side decoder = bartSide(declared, shared, s, "model.decoder.", s.decoderLayers(), true);
    Parameter head = s.tied() ? shared : head(all, declared.init(), s);
    return new EncoderDecoderParameters(all, encoder, decoder, head);
  }

  private static Side bartSide(
      Layers declared,
      Parameter shared,
      EncoderDecoderShape s,
      String side,
      int layers,
      boolean reads) {
    long width = s.width();
    Parameter tokens =
        shared == null
            ? declared.embedding(side + "embed_tokens.weight", s.vocabulary(), width)
            : shared;
    Parameter positions =
        declared.embedding(
            side + "embed_positions.weight", (long) s.context() + BART_OFFSET, width);
    NormLayer norm = declared.norm(side + "layernorm_embedding", width);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String layer = side + "layers." + i + ".";
      String self = layer + "self_attn.";
      blocks.add(
          new Block(
              declared.norm(layer + "self_attn_layer_norm", width),
              declared.linear(width, width, self + "q_proj", self + "k_proj", self + "v_proj"),
              declared.linear(width, width, self + "out_proj"),
              reads ? bartCross(declared, layer, width) : null,
              declared.norm(layer + "final_layer_norm", width),
              declared.linear(width, s.hidden(), layer + "fc1"),
              declared.linear(s.hidden(), width, layer + "fc2")));
    }
    return new Side(tokens, positions, norm, null, blocks, null);
  }

  private static Block.Cross bartCross(Layers declared, String layer, long width) {
    String name = layer + "encoder_attn.";
    return new Block.Cross(
        declared.norm(layer + "encoder_attn_layer_norm", width),
        declared.linear(width, width, name + "q_proj"),
        declared.linear(width, width, name + "k_proj", name + "v_proj"),
        declared.linear(width, width, name + "out_proj"));
  }

  private static Initializer normal(double deviation) {
    return new Initializer.Normal((float) deviation);
  }

  private static Initializer inverseRoot(double inputs) {
    return normal(1 / Math.sqrt(inputs));
  }
}
