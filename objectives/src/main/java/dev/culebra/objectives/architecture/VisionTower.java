package dev.culebra.objectives.architecture;

import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.List;

/**
 * A vision transformer (Dosovitskiy et al. 2020, arXiv:2010.11929) as CLIP has it: patches, a row
 * for the class before them, learned positions, a norm before the blocks.
 *
 * <p>The patch embedding is published as a convolution whose stride is its side. That is a linear
 * layer over rows of patches, which the host lays out.
 */
final class VisionTower {

  private final Parameter patches;
  private final Parameter top;
  private final Parameter positions;
  private final Gain first;
  private final Stack stack;

  VisionTower(Declared declared, String prefix, ImageTextShape shape) {
    ImageTextShape.Tower s = shape.vision();
    String e = prefix + "embeddings.";
    this.top =
        declared
            .all()
            .add(
                Kind.EMBEDDING,
                e + "class_embedding",
                new Normal((float) Math.pow(s.width(), -0.5)),
                s.width());
    this.patches =
        declared
            .all()
            .add(
                Kind.HIDDEN,
                e + "patch_embedding.weight",
                new Normal(0.02f),
                s.width(),
                shape.channels(),
                shape.patch(),
                shape.patch());
    this.positions =
        declared.embedding(e + "position_embedding.weight", shape.patches() + 1L, s.width());
    this.first = declared.norm(prefix + "pre_layrnorm", s.width()); // so spelt where it came from
    this.stack = ClipTower.declare(declared, "vision layer", prefix, s, "post_layernorm");
  }

  /** All rows after the last block. */
  Tensor rows(Tape tape, TowerInput.Pictures in) {
    Tensor pixels = tape.tensor("pixels", in.patches(), patches.matrix().cols());
    tape.kernels().copy(pixels.data(), in.pixels());
    Tensor embedded = Functions.linear(tape, "patch embedding", pixels, patches, true, null);
    Tensor placed = Pooling.gather(tape, "patches", embedded, in.patch(), in.rows());
    Tensor places =
        Functions.embedding(
            tape,
            "picture embedding",
            in.rows(),
            List.of(new Lookup(top, in.top()), new Lookup(positions, in.position())));
    Tensor x =
        first
            .apply(tape, "picture embedding norm", stack.shape().norm(), places, placed)
            .normalized();
    return stack.forward(tape, x, Sight.of(in.intervals()));
  }

  /** The row of each picture's class. */
  Tensor pooled(Tape tape, TowerInput.Pictures in, Tensor rows) {
    return Pooling.gather(tape, "picture classes", rows, in.first(), in.count());
  }
}
