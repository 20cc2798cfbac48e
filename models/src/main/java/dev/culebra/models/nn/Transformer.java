package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.tensor.AttentionFunctions;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Normalized;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.List;

/**
 * The blocks of a transformer (Vaswani et al. 2017, arXiv:1706.03762): every architecture is one or
 * two of these between its embeddings and its heads. In training, dropout is where BERT has it: on
 * the embeddings, on attention probabilities, and on what each layer adds.
 *
 * @param name what layers are called in messages: {@code "layer"}, {@code "encoder layer"}
 * @param last the norm behind the last block, or null if each block ends with its own
 */
public record Transformer(String name, TransformerShape shape, List<Block> blocks, NormLayer last) {

  /** The rows after the last block, N x C, normalised. */
  public Tensor forward(Tape tape, Tensor x, AttentionContext sight) {
    Tensor in = Pointwise.dropout(tape, name + " dropout", x);
    return shape.normFirst() ? normFirst(tape, in, sight) : normLast(tape, in, sight);
  }

  private Tensor normFirst(Tape tape, Tensor x, AttentionContext sight) {
    Normalized n = norm(tape, 0, "attention", x, null, blocks.getFirst().attentionNorm());
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      Tensor added = attend(tape, i, n.normalized(), sight);
      if (block.cross() != null) {
        n = norm(tape, i, "cross attention", n.sum(), added, block.cross().norm());
        added = read(tape, i, n.normalized(), sight);
      }
      n = norm(tape, i, "feed-forward", n.sum(), added, block.mlpNorm());
      Tensor fed = feedForward(tape, i, n.normalized());
      n =
          i + 1 < blocks.size()
              ? norm(tape, i + 1, "attention", n.sum(), fed, blocks.get(i + 1).attentionNorm())
              : last.apply(tape, name + " final norm", shape.norm(), n.sum(), fed);
    }
    return n.normalized();
  }

  private Tensor normLast(Tape tape, Tensor x, AttentionContext sight) {
    Tensor y = x;
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      y =
          norm(tape, i, "attention", y, attend(tape, i, y, sight), block.attentionNorm())
              .normalized();
      if (block.cross() != null) {
        Tensor read = read(tape, i, y, sight);
        y = norm(tape, i, "cross attention", y, read, block.cross().norm()).normalized();
      }
      y = norm(tape, i, "feed-forward", y, feedForward(tape, i, y), block.mlpNorm()).normalized();
    }
    return y;
  }

  private Tensor attend(Tape tape, int i, Tensor x, AttentionContext sight) {
    Block block = blocks.get(i);
    Tensor qkv = block.qkv().apply(tape, name(i, "queries, keys, values"), x);
    Tensor attended =
        sight.cache() == null
            ? AttentionFunctions.self(
                tape,
                name(i, "attention"),
                shape.attention(x.rows(), x.rows()),
                qkv,
                sight.self(),
                sight.rotation(),
                sight.bias())
            : sight.cache().attend(tape, i, qkv, sight.self(), sight.rotation());
    return added(tape, name(i, "attention output"), block.out(), attended);
  }

  private Tensor read(Tape tape, int i, Tensor x, AttentionContext sight) {
    Block.Cross cross = blocks.get(i).cross();
    Tensor q = cross.q().apply(tape, name(i, "cross queries"), x);
    Tensor kv = cross.kv().apply(tape, name(i, "cross keys, values"), sight.memory());
    Tensor attended =
        AttentionFunctions.cross(
            tape,
            name(i, "cross attention"),
            shape.attention(q.rows(), kv.rows()),
            q,
            kv,
            sight.cross());
    return added(tape, name(i, "cross attention output"), cross.out(), attended);
  }

  private Tensor feedForward(Tape tape, int i, Tensor x) {
    Block block = blocks.get(i);
    String what = name(i, "feed-forward");
    Linear up = block.up();
    Tensor hidden;
    if (shape.gated()) {
      hidden = Pointwise.gated(tape, what, shape.activation(), up.apply(tape, what + " in", x));
    } else if (shape.activation() == Activation.GELU_TANH
        && up.bias() != null) { // fused into the product
      hidden = Functions.linearGelu(tape, what, x, up.weight(), up.outputsFirst(), up.bias());
    } else {
      hidden = Pointwise.activate(tape, what, shape.activation(), up.apply(tape, what + " in", x));
    }
    return added(tape, name(i, "feed-forward output"), block.down(), hidden);
  }

  /** What goes into the residual stream. */
  private static Tensor added(Tape tape, String what, Linear linear, Tensor x) {
    return Pointwise.dropout(tape, what + " dropout", linear.apply(tape, what, x));
  }

  private Normalized norm(
      Tape tape, int i, String what, Tensor x, Tensor residual, NormLayer gain) {
    return gain.apply(tape, name(i, what + " norm"), shape.norm(), x, residual);
  }

  private String name(int layer, String what) {
    return name + " " + layer + " " + what;
  }
}
