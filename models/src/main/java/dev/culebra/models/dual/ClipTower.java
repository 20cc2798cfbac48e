package dev.culebra.models.dual;

import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Initializer.Normal;
import java.util.ArrayList;
import java.util.List;

/** The blocks of CLIP's towers, as its authors name and initialise them. */
final class ClipTower {

  private ClipTower() {}

  /** The blocks of a tower, and the norm behind them. */
  static Transformer declare(
      Layers declared, String name, String prefix, ImageTextShape.Tower s, String last) {
    return declare(declared, name, prefix + "encoder.layers.", s, prefix + last, 0);
  }

  /**
   * Declares blocks.
   *
   * @param prefix of their names, which a number ends
   * @param last the norm behind the last block, by name
   * @param reads width of the rows of another sequence that they read; 0 if they read none
   */
  static Transformer declare(
      Layers declared,
      String name,
      String prefix,
      ImageTextShape.Tower s,
      String last,
      long reads) {
    // What adds to the residual stream starts smaller, the more blocks there are.
    double outward = Math.pow(s.width(), -0.5);
    Initializer inward = new Normal((float) (outward * Math.pow(2 * s.layers(), -0.5)));
    Layers first = declared.with(inward);
    Layers out = declared.with(new Normal((float) outward));
    Layers up = declared.with(new Normal((float) Math.pow(2 * s.width(), -0.5)));
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < s.layers(); i++) {
      String block = prefix + i + ".";
      String attention = block + "self_attn.";
      blocks.add(
          new Block(
              declared.norm(block + "layer_norm1", s.width()),
              first.linear(
                  s.width(),
                  s.width(),
                  attention + "q_proj",
                  attention + "k_proj",
                  attention + "v_proj"),
              out.linear(s.width(), s.width(), attention + "out_proj"),
              reads == 0 ? null : cross(declared, first, out, block, s.width(), reads),
              declared.norm(block + "layer_norm2", s.width()),
              up.linear(s.width(), s.hidden(), block + "mlp.fc1"),
              first.linear(s.hidden(), s.width(), block + "mlp.fc2")));
    }
    return new Transformer(name, s.stack(), blocks, declared.norm(last, s.width()));
  }

  private static Block.Cross cross(
      Layers declared, Layers first, Layers out, String block, long width, long reads) {
    String attention = block + "cross_attn.";
    return new Block.Cross(
        declared.norm(block + "cross_layer_norm", width),
        first.linear(width, width, attention + "q_proj"),
        first.linear(reads, width, attention + "k_proj", attention + "v_proj"),
        out.linear(width, width, attention + "out_proj"));
  }
}
