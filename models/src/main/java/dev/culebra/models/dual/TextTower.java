package dev.culebra.models.dual;

import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/** What reads the texts of an {@link ImageTextEncoder}. */
sealed interface TextTower permits ClipTextTower, BertTextTower {

  /** The embedding of tokens. */
  Parameter tokens();

  /** All rows after the last block. */
  Tensor rows(Tape tape, TowerInput.Texts in);

  /** What stands for each text, N x C. */
  Tensor pooled(Tape tape, TowerInput.Texts in, Tensor rows);
}
