package dev.culebra.models.dual;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Pooler;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/** A BERT that reads texts beside images, asked at the first row of each. */
final class BertTextTower implements TextTower {

  private final Encoder encoder;
  private final Pooler pooler;

  BertTextTower(Parameters all, String prefix, ImageTextShape shape) {
    this.encoder = new Encoder(all, shape.encoder(), prefix);
    this.pooler = Pooler.declare(Layers.normal(all), prefix, shape.text().width());
  }

  @Override
  public Parameter tokens() {
    return encoder.tokens();
  }

  @Override
  public Tensor rows(Tape tape, TowerInput.Texts in) {
    return encoder.encode(tape, in.rows());
  }

  @Override
  public Tensor pooled(Tape tape, TowerInput.Texts in, Tensor rows) {
    Tensor first = Pooling.gather(tape, "starts of texts", rows, in.texts().start(), in.count());
    return pooler.apply(tape, "text pooler", first);
  }
}
