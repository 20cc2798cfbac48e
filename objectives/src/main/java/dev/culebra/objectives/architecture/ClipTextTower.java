package dev.culebra.objectives.architecture;

import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.List;

/** CLIP's reader of texts: a causal transformer, asked at the token that ends a text. */
final class ClipTextTower implements TextTower {

  private final Parameter tokens;
  private final Parameter positions;
  private final Stack stack;

  ClipTextTower(Declared declared, String prefix, ImageTextShape shape) {
    ImageTextShape.Tower s = shape.text();
    Declared embeddings = declared.with(new Normal(0.02f));
    String e = prefix + "embeddings.";
    this.tokens = embeddings.embedding(e + "token_embedding.weight", shape.vocabulary(), s.width());
    this.positions =
        embeddings.embedding(e + "position_embedding.weight", shape.context(), s.width());
    this.stack = ClipTower.declare(declared, "text layer", prefix, s, "final_layer_norm");
  }

  @Override
  public Parameter tokens() {
    return tokens;
  }

  @Override
  public Tensor rows(Tape tape, TowerInput.Texts in) {
    TokenRows rows = in.rows();
    Tensor x =
        Functions.embedding(
            tape,
            "text embedding",
            rows.count(),
            List.of(new Lookup(tokens, rows.ids()), new Lookup(positions, rows.positions())));
    return stack.forward(tape, x, Sight.of(rows.intervals()));
  }

  /** The last row of each text. */
  @Override
  public Tensor pooled(Tape tape, TowerInput.Texts in, Tensor rows) {
    return Pooling.gather(tape, "ends of texts", rows, in.last(), in.count());
  }
}
