package dev.culebra.models.dual;

import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** CLIP's reader of texts: a causal transformer, asked at the token that ends a text. */
final class ClipTextTower implements TextTower {

  private static final int OLD_END = 2;

  private final Parameter tokens;
  private final Parameter positions;
  private final Transformer stack;

  ClipTextTower(Layers declared, String prefix, ImageTextShape shape) {
    ImageTextShape.Tower s = shape.text();
    Layers embeddings = declared.with(new Normal(0.02f));
    String e = prefix + "embeddings.";
    this.tokens = embeddings.embedding(e + "token_embedding.weight", shape.vocabulary(), s.width());
    this.positions =
        embeddings.embedding(e + "position_embedding.weight", shape.context(), s.width());
    this.stack = ClipTower.declare(declared, "text layer", prefix, s, "final_layer_norm");
  }

  /**
   * Where a text is asked, as transformers has it: at the first {@code eos_token_id}, at its first
   * token if it has none. The id 2 stands for the largest id of the text: the first configurations
   * said 2, whatever ended their texts.
   */
  static int end(int[] ids, int eos) {
    int wanted = eos == OLD_END ? Arrays.stream(ids).max().orElse(eos) : eos;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == wanted) {
        return i;
      }
    }
    return 0;
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
    return stack.forward(tape, x, AttentionContext.of(rows.intervals()));
  }

  /** The row of each text at its {@link #end}. */
  @Override
  public Tensor pooled(Tape tape, TowerInput.Texts in, Tensor rows) {
    return Pooling.gather(tape, "ends of texts", rows, in.asked(), in.count());
  }
}
