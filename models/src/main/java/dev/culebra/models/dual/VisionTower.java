package dev.culebra.models.dual;

import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.NormLayer;
import dev.culebra.models.nn.Pooler;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A vision transformer (Dosovitskiy et al. 2021, arXiv:2010.11929): patches, a row for the class
 * before them, learned positions, and blocks whose norms stand first. CLIP's has a norm before the
 * blocks, too; the original has biases in the patch embedding, and a pooler.
 *
 * <p>The patch embedding is published as a convolution whose stride is its side. That is a linear
 * layer over rows of patches, which the host lays out.
 *
 * @param top the row of the class
 * @param first the norm before the blocks, or null
 * @param pooler of the class's row after the last block, or null
 */
record VisionTower(
    Linear patches,
    Parameter top,
    Parameter positions,
    NormLayer first,
    Transformer stack,
    Pooler pooler) {

  /** CLIP's, as its authors name and initialise it. */
  static VisionTower clip(Layers declared, String prefix, ImageTextShape shape) {
    ImageTextShape.Tower s = shape.vision();
    String e = prefix + "embeddings.";
    Parameter top =
        declared
            .all()
            .add(
                Kind.EMBEDDING,
                e + "class_embedding",
                new Normal((float) Math.pow(s.width(), -0.5)),
                s.width());
    return new VisionTower(
        new Linear(convolution(declared, e + "patch_embedding", shape), null, true),
        top,
        declared.embedding(e + "position_embedding.weight", shape.patches() + 1L, s.width()),
        declared.norm(prefix + "pre_layrnorm", s.width()), // so spelt where it came from
        ClipTower.declare(declared, "vision layer", prefix, s, "post_layernorm"),
        null);
  }

  /**
   * The original under the names of Hugging Face's {@code ViTModel}, initialised as by its authors:
   * uniform after Glorot and Bengio in the blocks, positions of deviation 0.02, the class at zero,
   * patches and pooler of variance 1 / inputs. (Biases start at zero; the authors draw those of
   * feed-forward layers with a deviation of 1e-6.)
   */
  static VisionTower vit(Layers declared, String prefix, ImageTextShape shape) {
    ImageTextShape.Tower s = shape.vision();
    long width = s.width();
    String e = prefix + "embeddings.";
    Parameter top =
        declared.all().add(Kind.EMBEDDING, e + "cls_token", Initializer.zeros(), 1, 1, width);
    Parameter positions =
        declared
            .all()
            .add(
                Kind.EMBEDDING,
                e + "position_embeddings",
                new Normal(0.02f),
                1,
                shape.patches() + 1L,
                width);
    String projection = e + "patch_embeddings.projection";
    Linear patches =
        new Linear(
            convolution(declared.with(inputs(shape.patchValues())), projection, shape),
            declared.all().add(Kind.BIAS, projection + ".bias", Initializer.zeros(), width),
            true);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < s.layers(); i++) {
      blocks.add(block(declared, prefix + "encoder.layer." + i + ".", width, s.hidden()));
    }
    NormLayer last = declared.norm(prefix + "layernorm", width);
    return new VisionTower(
        patches,
        top,
        positions,
        null,
        new Transformer("vision layer", s.stack(), blocks, last),
        Pooler.declare(declared.with(inputs(width)), prefix, width));
  }

  private static Block block(Layers declared, String name, long width, long hidden) {
    String attention = name + "attention.attention.";
    Layers square = declared.with(Initializer.xavier(width, width));
    Layers oblong = declared.with(Initializer.xavier(width, hidden));
    return new Block(
        declared.norm(name + "layernorm_before", width),
        square.linear(width, width, attention + "query", attention + "key", attention + "value"),
        square.linear(width, width, name + "attention.output.dense"),
        null,
        declared.norm(name + "layernorm_after", width),
        oblong.linear(width, hidden, name + "intermediate.dense"),
        oblong.linear(hidden, width, name + "output.dense"));
  }

  private static Normal inputs(long count) {
    return new Normal((float) Math.pow(count, -0.5));
  }

  private static Parameter convolution(Layers declared, String name, ImageTextShape shape) {
    return declared
        .all()
        .add(
            Kind.HIDDEN,
            name + ".weight",
            declared.init(),
            shape.vision().width(),
            shape.channels(),
            shape.patch(),
            shape.patch());
  }

  /** All rows after the last block. */
  Tensor rows(Tape tape, TowerInput.Images in) {
    Tensor pixels = tape.tensor("pixels", in.patches(), patches.weight().matrix().cols());
    tape.kernels().copy(pixels.data(), in.pixels());
    Tensor embedded = patches.apply(tape, "patch embedding", pixels);
    Tensor placed = Pooling.gather(tape, "patches", embedded, in.patch(), in.rows());
    Tensor places =
        Functions.embedding(
            tape,
            "image embedding",
            in.rows(),
            List.of(new Lookup(top, in.top()), new Lookup(positions, in.position())));
    Tensor x =
        first == null
            ? Pointwise.add(tape, "image embedding with patches", places, placed)
            : first
                .apply(tape, "image embedding norm", stack.shape().norm(), places, placed)
                .normalized();
    return stack.forward(tape, x, AttentionContext.of(in.intervals()));
  }

  /** What stands for each image: the row of its class, pooled. */
  Tensor pooled(Tape tape, TowerInput.Images in, Tensor rows) {
    Tensor classes = Pooling.gather(tape, "image classes", rows, in.first(), in.count());
    return pooler == null ? classes : pooler.apply(tape, "image pooler", classes);
  }
}
